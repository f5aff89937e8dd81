import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { AppError } from '../base/index.ts';

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
    throw new AppError({
      code: 'csv-unwritable',
      message: { ja: `${path} に書き込めません(${error.code})`, en: `cannot write ${path} (${error.code})` },
      hint: {
        ja: 'フォルダの有無、権限、ディスクの空きを確かめてください',
        en: 'check that the folder exists, its permissions, and the free space',
      },
      cause: error,
    });
  }
}
