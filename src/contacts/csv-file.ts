import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';

/** A CSV for people, written row by row and there only when it is whole. */
export type CsvFile = {
  /** Appends one record; cells as given, see `guarded` for text from strangers. */
  row(cells: readonly string[]): void;
  /** Writes the rest, syncs, and puts the file in its place. */
  finish(): void;
  /** Removes what was written; does nothing after `finish`. */
  discard(): void;
};

// One write call per 64 Ki characters: a million rejected rows are then some thousand calls.
const bufferCharacters = 65_536;

/**
 * Begins `path` under another name beside it; throws an AppError when that folder cannot be written. UTF-8 with BOM, for
 * Excel, which reads anything else as CP932 in Japan; CRLF (RFC 4180 §2.1).
 */
export function createCsvFile(path: string): CsvFile {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw unwritable(path, 'EISDIR');
  const partPath = `${path}.part`;
  const file = attempt(path, () => openSync(partPath, 'w', 0o600)); // addresses are personal: for the owner alone
  let buffer = '\uFEFF';
  let open = true;
  let inPlace = false;

  function flush(): void {
    const bytes = Buffer.from(buffer);
    buffer = '';
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  }

  function close(): void {
    if (!open) return;
    open = false;
    closeSync(file);
  }

  function discard(): void {
    if (inPlace) return;
    close();
    rmSync(partPath, { force: true });
  }

  /** Runs a step of writing; after a failure nothing half-done stays behind. */
  function step(action: () => void): void {
    try {
      attempt(path, action);
    } catch (error) {
      discard();
      throw error;
    }
  }

  return {
    row(cells) {
      buffer += `${cells.map(quoted).join(',')}\r\n`;
      if (buffer.length >= bufferCharacters) step(flush);
    },
    finish() {
      step(() => {
        flush();
        fsyncSync(file);
        close();
        renameSync(partPath, path);
        inPlace = true;
      });
    },
    discard,
  };
}

/**
 * A cell that no spreadsheet takes for a formula: an apostrophe before `=` `+` `-` `@`, TAB and CR (OWASP, "CSV
 * Injection"), and before their full-width forms, which Excel in Japanese reads alike.
 */
export function guarded(cell: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/u.test(cell) ? `'${cell}` : cell;
}

function quoted(cell: string): string {
  return /[",;\r\n\t]|^\s|\s$/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    throw unwritable(path, error.code, error);
  }
}

const causes: Readonly<Record<string, Bilingual>> = {
  ENOENT: { ja: '置き場所のフォルダーがありません', en: 'its folder does not exist' },
  ENOTDIR: { ja: '途中の名前がフォルダーではありません', en: 'a part of the path is no folder' },
  EISDIR: { ja: '同じ名前のフォルダーがあります', en: 'it is a folder' },
  EACCES: { ja: '書き込む権限がありません', en: 'no permission' },
  EPERM: { ja: '書き込む権限がありません', en: 'no permission' },
  EROFS: { ja: '読み取り専用のディスクです', en: 'the disk is read-only' },
  ENOSPC: { ja: 'ディスクに空きがありません', en: 'no room left on the disk' },
  EDQUOT: { ja: 'ディスクの割り当てを使い切りました', en: 'the disk quota is used up' },
};

function unwritable(path: string, errno: string, cause?: unknown): AppError {
  const why = causes[errno] ?? { ja: errno, en: errno };
  return new AppError({
    code: 'csv-unwritable',
    message: { ja: `${path} に書き込めません（${why.ja}）`, en: `cannot write ${path}: ${why.en}` },
    hint: { ja: '別の場所を指定してください', en: 'name another place' },
    cause,
  });
}
