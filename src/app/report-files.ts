import { readFileSync, statSync } from 'node:fs';
import { AppError } from '../base/index.ts';
import type { ReadReportFile } from '../cli/index.ts';
import { readReport, reportLimits } from '../reports/index.ts';

/** Reads files of reports one after the other; a name that is no file stops before the first. */
export function readReportFiles(files: readonly string[]): Iterable<ReadReportFile> {
  for (const file of files) checkFile(file);
  return readEach(files);
}

function* readEach(files: readonly string[]): Generator<ReadReportFile> {
  for (const file of files) {
    // Not even opened: a disk image given by mistake must not fill the memory.
    if (statSync(file).size > reportLimits.inputBytes)
      yield { file, reading: { ok: false, fault: 'too-large' } };
    else yield { file, reading: readReport(readFileSync(file)) };
  }
}

function checkFile(file: string): void {
  // What the system refuses (missing, no permission) is told by its own error, with the path in it.
  if (statSync(file).isFile()) return;
  throw new AppError({
    code: 'report-not-a-file',
    message: { ja: `${file} は通常のファイルではありません`, en: `${file} is not a regular file` },
    hint: { ja: 'レポートのファイルを渡してください', en: 'give files of reports' },
  });
}
