import { closeSync, openSync } from 'node:fs';
import { AppError, StorageFull } from '../../base/index.ts';

// https://www.sqlite.org/rescode.html; the low byte of an extended code is the primary one.
const primaryCode = {
  busy: 5,
  readonly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notDatabase: 26,
} as const;

const copyFirst = {
  ja: 'フォルダーをコピーしてから、バックアップに戻すか `sqlite3 todoku.db .recover` を試してください',
  en: 'copy the folder first, then put your backup back or try `sqlite3 todoku.db .recover`',
} as const;

/** Turns what SQLite and the file system throw into one clear line about `folder`; a bug comes back as it is. */
export function storageError(error: unknown, folder: string): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  return databaseError(error, folder) ?? fileError(error, folder) ?? error;
}

function databaseError(error: Error, folder: string): AppError | null {
  if (!('errcode' in error) || typeof error.errcode !== 'number') return null;
  switch (error.errcode & 0xff) {
    case primaryCode.full:
      return full(folder, error);
    case primaryCode.ioError:
      return noRoomForSharedMemory(error.errcode) ? full(folder, error) : failing(folder, error);
    case primaryCode.readonly:
      return readOnly(folder, error);
    case primaryCode.cannotOpen:
      return cannotOpen(folder, error);
    case primaryCode.notDatabase:
      return notDatabase(folder, error);
    case primaryCode.corrupt:
      return corrupt(folder, error);
    case primaryCode.busy:
      return busy(folder, error);
    default:
      return null;
  }
}

function fileError(error: Error, folder: string): AppError | null {
  switch ('code' in error ? error.code : undefined) {
    case 'ENOSPC':
    case 'EDQUOT':
      return full(folder, error);
    case 'EIO':
      return failing(folder, error);
    case 'EROFS':
      return readOnly(folder, error);
    case 'EACCES':
    case 'EPERM':
      return denied(folder, error);
    case 'EMFILE':
    case 'ENFILE':
      return noDescriptors(folder, error);
    case 'ENOTDIR':
    case 'EEXIST':
      return notFolder(folder, error);
    default:
      return null;
  }
}

/** SQLITE_IOERR_SHMSIZE: the -shm file could not grow. What keeps it from growing is a full disk. */
function noRoomForSharedMemory(extendedCode: number): boolean {
  return extendedCode === (primaryCode.ioError | (19 << 8));
}

function full(folder: string, cause: unknown): StorageFull {
  return new StorageFull('full', {
    code: 'storage-full',
    message: {
      ja: `${folder} のディスクに空きがありません`,
      en: `no room left on the disk of ${folder}`,
    },
    hint: {
      ja: '空きを作ってから `todoku resume` を実行してください。記録済みのものは失われていません',
      en: 'make room, then run `todoku resume`; nothing that was recorded is lost',
    },
    cause,
  });
}

function failing(folder: string, cause: unknown): StorageFull {
  return new StorageFull('io', {
    code: 'storage-io',
    message: {
      ja: `${folder} のディスクが読み書きに失敗しました`,
      en: `the disk of ${folder} failed to read or write`,
    },
    hint: {
      ja: 'ディスクを調べて（dmesg, smartctl）から `todoku resume` を実行してください',
      en: 'check the disk (dmesg, smartctl), then run `todoku resume`',
    },
    cause,
  });
}

function readOnly(folder: string, cause: unknown): AppError {
  return new AppError({
    code: 'storage-read-only',
    message: { ja: `${folder} に書き込めません（読み取り専用です）`, en: `${folder} is read-only` },
    hint: {
      ja: '書き込めるフォルダーを --data で指定してください',
      en: 'name a folder that can be written with --data',
    },
    cause,
  });
}

function denied(folder: string, cause: unknown): AppError {
  return new AppError({
    code: 'storage-denied',
    message: {
      ja: `${folder} のファイルを開く権限がありません`,
      en: `no permission to open the files in ${folder}`,
    },
    hint: {
      ja: '所有者と権限、開けるファイル数の上限（`ulimit -n`）を確認するか、--data で別のフォルダーを指定してください',
      en: 'mend its owner, its permissions or the limit on open files (`ulimit -n`), or name another folder with --data',
    },
    cause,
  });
}

/** SQLite does not tell why it cannot open a file: no permission, or no descriptor left. */
function cannotOpen(folder: string, cause: unknown): AppError {
  try {
    // The folder, not the file: closing a descriptor of that would drop its locks (fcntl(2)).
    closeSync(openSync(folder, 'r'));
  } catch (error) {
    const again = error instanceof Error ? fileError(error, folder) : null;
    if (again !== null) return again;
  }
  return denied(folder, cause);
}

function noDescriptors(folder: string, cause: unknown): AppError {
  return new AppError({
    code: 'storage-descriptors',
    message: {
      ja: `開けるファイル数の上限に達したため、${folder} を開けません。`,
      en: `too many open files: ${folder} cannot be opened`,
    },
    hint: {
      ja: '上限（`ulimit -n`）を上げてください。100 以上が必要です',
      en: 'raise the limit (`ulimit -n`); 100 is the least that is of use',
    },
    cause,
  });
}

function notFolder(folder: string, cause: unknown): AppError {
  return new AppError({
    code: 'storage-not-folder',
    message: { ja: `${folder} はフォルダーではありません`, en: `${folder} is not a folder` },
    hint: { ja: '--data でフォルダーを指定してください', en: 'name a folder with --data' },
    cause,
  });
}

function notDatabase(folder: string, cause: unknown): AppError {
  return new AppError({
    code: 'storage-not-database',
    message: {
      ja: `${folder}/todoku.db は Todoku のデータベースではありません`,
      en: `${folder}/todoku.db is not a database of Todoku`,
    },
    hint: {
      ja: 'そのファイルをどかすか、--data で別のフォルダーを指定してください',
      en: 'move that file away, or name another folder with --data',
    },
    cause,
  });
}

function corrupt(folder: string, cause: unknown): AppError {
  return new AppError({
    code: 'storage-corrupt',
    message: { ja: `${folder}/todoku.db が壊れています`, en: `${folder}/todoku.db is damaged` },
    hint: copyFirst,
    cause,
  });
}

function busy(folder: string, cause: unknown): AppError {
  return new AppError({
    code: 'storage-busy',
    message: {
      ja: `${folder}/todoku.db を別のプログラムが使用中です`,
      en: `another program keeps ${folder}/todoku.db busy`,
    },
    hint: {
      ja: 'sqlite3 などで開いていれば閉じて、もう一度実行してください',
      en: 'close what has it open (sqlite3, a backup), then run the command again',
    },
    cause,
  });
}

/** No data there yet, and the command does not make any. */
export function storageMissing(folder: string): AppError {
  return new AppError({
    code: 'storage-missing',
    message: { ja: `${folder} に Todoku のデータがありません`, en: `there is no Todoku data in ${folder}` },
    hint: {
      ja: '--data でフォルダーを指定するか、先に `todoku send` を実行してください',
      en: 'name the folder with --data, or run `todoku send` first',
    },
  });
}
