import { AppError } from './app-error.ts';
import type { AppErrorFacts } from './app-error.ts';

/** `full`: no room left; `io`: the device failed to write. */
export type StorageFailure = 'full' | 'io';

/**
 * The store could not write. What the failed call was to write is not there, everything before it is, and a later
 * call may succeed: whoever gets this stops taking on work, says so, and tries the same call again when there is room.
 */
export class StorageFull extends AppError {
  readonly failure: StorageFailure;

  constructor(failure: StorageFailure, facts: AppErrorFacts) {
    super(facts);
    this.name = 'StorageFull';
    this.failure = failure;
  }
}
