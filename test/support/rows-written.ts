import { statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Resolves when so many bytes have been written to the data folder in `folder`; the tables of a new one are 400,000. */
export async function rowsWritten(folder: string, bytes: number): Promise<void> {
  const log = join(folder, 'data/todoku.db-wal');
  await new Promise<void>((resolve) => {
    const watcher = watch(join(folder, 'data'), () => {
      if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) >= bytes) resolve();
    });
    onTestFinished(() => watcher.close());
  });
}
