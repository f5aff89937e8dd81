import { AppError } from './app-error.ts';

/** `full`: no room left; `io`: the device failed to write. */
export type StorageFailure = 'full' | 'io';

const whatHappened = {
  full: {
    ja: (folder: string) => `${folder} のディスクに空きがありません。`,
    en: (folder: string) => `no room left on the disk of ${folder}`,
  },
  io: {
    ja: (folder: string) => `${folder} のディスクが書き込みに失敗しました。`,
    en: (folder: string) => `the disk of ${folder} failed to write`,
  },
} as const;

const whatToDo = {
  full: {
    ja: '空きを作ってから `todoku resume` を実行してください。記録済みのものは失われていません',
    en: 'make room, then run `todoku resume`; nothing that was recorded is lost',
  },
  io: {
    ja: 'ディスクを調べて (dmesg, smartctl) から `todoku resume` を実行してください',
    en: 'check the disk (dmesg, smartctl), then run `todoku resume`',
  },
} as const;

/**
 * The store could not write. What the failed call was to write is not there, everything before it is, and a later
 * call may succeed: whoever gets this stops taking on work, says so, and tries the same call again when there is room.
 */
export class StorageFull extends AppError {
  readonly failure: StorageFailure;

  constructor(failure: StorageFailure, folder: string, cause: unknown) {
    const said = whatHappened[failure];
    super({
      code: failure === 'full' ? 'storage-full' : 'storage-io',
      message: { ja: said.ja(folder), en: said.en(folder) },
      hint: whatToDo[failure],
      cause,
    });
    this.name = 'StorageFull';
    this.failure = failure;
  }
}
