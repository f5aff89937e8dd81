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
  if (existsSync(folder)) return;
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  undo.add(() => removeEmptyFolders(folder, first));
  syncFolder(dirname(first));
}

/** From `folder` upwards to `first`, which was made last time; stops at one that somebody has put something in. */
function removeEmptyFolders(folder: string, first: string): void {
  for (let each = folder; each.length >= first.length; each = dirname(each)) {
    try {
      rmdirSync(each);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY') return;
      throw error;
    }
  }
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
