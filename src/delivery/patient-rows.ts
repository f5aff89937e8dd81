import type { Clock, Timer } from '../base/index.ts';
import { StorageFull } from '../base/index.ts';
import type { MessageRow, RowSource } from './ports.ts';

export type PatientRowsOptions = {
  readonly rows: RowSource;
  readonly clock: Clock;
  /** The store may be readable again. */
  readonly onAgain: () => void;
};

// As often as the settler asks a full disk again.
const retryMs = 1_000;

/** Rows for a carrier, which waits when its store cannot be read for a reason that passes. */
export class PatientRows {
  readonly #options: PatientRowsOptions;
  #timer: Timer | null = null;

  constructor(options: PatientRowsOptions) {
    this.#options = options;
  }

  /** false after a read that failed, until it is worth another try. */
  get readable(): boolean {
    return this.#timer === null;
  }

  /** null: not now; `onAgain` tells when. */
  read(ids: readonly number[]): readonly MessageRow[] | null {
    const { rows, clock, onAgain } = this.#options;
    try {
      return rows.messageRows(ids);
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      this.#timer ??= clock.after(retryMs, () => {
        this.#timer = null;
        onAgain();
      });
      return null;
    }
  }

  close(): void {
    this.#timer?.cancel();
  }
}
