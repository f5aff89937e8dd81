import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

// A reader only waits for the moments in which the log is recovered or reset; longer than this means a stuck disk.
const busyTimeoutMs = 5_000;

// The ends of the tables, and the index over the addresses of a large campaign, which is filled in order. 64 MB made neither
// storing nor delivering 1,000,000 messages faster, and stayed taken: the feed reads every page once.
const writerCacheKib = 16 * 1024;

// A reader goes through the rows in order and comes back to none; every thread has one.
const readerCacheKib = 4 * 1024;

// 16 MB of log between checkpoints instead of 4 MB: a quarter of the fsyncs of the main file, and pages that
// change often (the ends of the B-trees) are copied once. Recovery after a crash reads these 16 MB: 30 ms.
const checkpointPages = 4_000;

// A log that a large transaction (cancelling a campaign) blew up is cut back to this.
const logLimitBytes = 64 * 1024 * 1024;

/** Opens the file for the one process that writes. Every commit is on the disk when it returns. */
export function openForWork(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  return configured(db, [
    'journal_mode = WAL',
    // FULL: fsync at each commit. With NORMAL a power cut takes commits back; measured, it gains nothing in batches.
    'synchronous = FULL',
    `cache_size = -${writerCacheKib}`,
    `wal_autocheckpoint = ${checkpointPages}`,
    `journal_size_limit = ${logLimitBytes}`,
  ]);
}

/**
 * Opens the file beside a process that works, or beside none. Writes nothing to the main file. A read-only disk has no
 * place for the -shm file that readers share, so there the file is read as one that does not change.
 */
export function openForReading(file: string, isHeld: () => boolean): DatabaseSync {
  try {
    return reading(file);
  } catch (error) {
    if (!isCannotOpen(error) || hasLog(file) || isHeld()) throw error;
    const unchanging = pathToFileURL(file);
    // https://www.sqlite.org/uri.html#uriimmutable
    unchanging.searchParams.set('immutable', '1');
    return reading(unchanging);
  }
}

function reading(file: string | URL): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: busyTimeoutMs, readOnly: true });
  // Reading the schema is what opens the file and its log; without it the first query would meet the error.
  return configured(db, [`cache_size = -${readerCacheKib}`, 'schema_version']);
}

function isCannotOpen(error: unknown): boolean {
  // https://www.sqlite.org/rescode.html#cantopen: 14, its extended codes share the low byte.
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' && (code & 0xff) === 14;
}

/** Commits that are not in the main file yet: reading it alone would show an older state. */
function hasLog(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function configured(db: DatabaseSync, pragmas: readonly string[]): DatabaseSync {
  try {
    for (const pragma of pragmas) db.exec(`PRAGMA ${pragma}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Runs `work` in one durable transaction; when it throws, or the commit fails, nothing of it remains. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  return between(db, 'BEGIN IMMEDIATE', work);
}

/** Runs reads that must agree with each other while another process writes. */
export function snapshot<T>(db: DatabaseSync, work: () => T): T {
  return between(db, 'BEGIN', work);
}

function between<T>(db: DatabaseSync, begin: string, work: () => T): T {
  // SQLite takes some failed transactions back by itself (full disk) and leaves others open; the one case in which
  // ours is still open here is that the ROLLBACK below failed too.
  if (db.isTransaction) db.exec('ROLLBACK');
  db.exec(begin);
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
