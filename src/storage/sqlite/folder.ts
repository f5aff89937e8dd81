import { closeSync, existsSync, mkdirSync, openSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncFolder } from './secret-key.ts';

/** Takes back what was made, in reverse order: an open that fails leaves nothing half-done. */
export type Undo = {
  add(step: () => void): void;
  run(): void;
};

export function undoList(): Undo {
  const steps: (() => void)[] = [];
  return {
    add: (step) => void steps.push(step),
    run() {
      for (const step of steps.toReversed()) step();
    },
  };
}

/** Makes the folder, and those above it, readable by their owner only: it will hold addresses and a key. */
export function makeFolder(folder: string, undo: Undo): void {
  // One by one: mkdir's `recursive` calls a read-only disk ENOENT, and does not tell what it made before it failed.
  for (const each of missingFolders(folder)) {
    mkdirSync(each, { mode: 0o700 });
    undo.add(() => removeIfEmpty(each));
    syncFolder(dirname(each));
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    // Somebody else has put something in it meanwhile: then it is theirs.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error;
  }
}

/** What has to be made, the uppermost first. */
function missingFolders(folder: string): readonly string[] {
  return existsSync(folder) ? [] : [...missingFolders(dirname(folder)), folder];
}

/** The database file of the folder, whether it exists or not. */
export function databaseFile(folder: string): string {
  return join(folder, 'todoku.db');
}

/** true when there is a database to open; throws ENOTDIR when `folder` is something else than a folder. */
export function hasDatabase(folder: string): boolean {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw Object.assign(new Error(`${folder} is not a folder`), { code: 'ENOTDIR' });
  }
  return existsSync(databaseFile(folder));
}

/** Makes the empty file with its permissions before SQLite does; its -wal and -shm inherit them. */
export function makeDatabaseFile(folder: string, undo: Undo): void {
  const file = databaseFile(folder);
  // Exclusive: an existing database must not even be opened here, closing it would drop SQLite's locks (fcntl(2)).
  closeSync(openSync(file, 'wx', 0o600));
  undo.add(() => {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
  });
}
