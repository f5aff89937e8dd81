import type { Language } from '../base/index.ts';
import { createCsvFile, guarded } from './csv-file.ts';
import type { RejectedRow } from './recipient.ts';

export type RejectedWriter = {
  /** For `ImportListener.rejected`. */
  write(row: RejectedRow): void;
  /** Rows so far. */
  readonly rows: number;
  /** Puts the file in its place and answers its path; null, and no file, when nothing was rejected. */
  finish(): string | null;
  /** After a failed import: leaves nothing behind. */
  discard(): void;
};

/**
 * Writes the rejected rows of an import to a CSV `line,code,reason,text`, for correcting them in a spreadsheet. The
 * folder is tried at once, so that a wrong path is known before a long import. A file of that name from an earlier
 * import is replaced only by a new one.
 */
export function createRejectedWriter(path: string, language: Language): RejectedWriter {
  const file = createCsvFile(path);
  file.row(['line', 'code', 'reason', 'text']);
  let rows = 0;
  return {
    write(row) {
      rows += 1;
      file.row([String(row.line), row.code, guarded(row.reason[language]), guarded(row.text)]);
    },
    get rows() {
      return rows;
    },
    finish() {
      if (rows === 0) {
        file.discard();
        return null;
      }
      file.finish();
      return path;
    },
    discard: () => file.discard(),
  };
}
