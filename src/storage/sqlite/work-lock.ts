import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../base/index.ts';
import type { Bilingual, Clock } from '../../base/index.ts';

/** Who works in a data folder, as written beside the lock. */
export type LockHolder = {
  readonly pid: number;
  /** The command it runs: `send`, `serve`. */
  readonly command: string;
  readonly sinceMs: number;
};

export type WorkLock = {
  release(): void;
  /** Releases and leaves nothing behind, where the folder did not come to be. */
  remove(): void;
};

export type WorkLockOptions = {
  readonly folder: string;
  readonly clock: Clock;
  readonly command: string;
};

// Long enough for a `todoku ledger` that looks whether somebody works (microseconds), short for a person.
const patienceMs = 250;

// node:sqlite closes a database that nothing refers to any more. A caller may keep only a part of its store: the lock
// is held from here until it is released, or the process ends.
const held = new Set<DatabaseSync>();

/**
 * Takes the folder for this process, or throws an `AppError` that names the holder.
 *
 * Node has no flock(2). SQLite's exclusive transaction on a file of its own is one: POSIX record locks, which the
 * kernel takes back when the process ends, also by kill -9. `lock.db` stays empty; nobody may open and close it by
 * other means in the process that holds the lock, since closing any descriptor of a file drops its locks (fcntl(2)).
 */
export function takeWorkLock(options: WorkLockOptions): WorkLock {
  const { folder, clock, command } = options;
  const file = join(folder, 'lock.db');
  const note = join(folder, 'lock');
  const isNew = !existsSync(file);
  const db = new DatabaseSync(file, { timeout: patienceMs });
  const lock: WorkLock = {
    release() {
      // First the note, then the lock: the other way round it could be the next holder's note.
      rmSync(note, { force: true });
      db.close();
      held.delete(db);
    },
    remove() {
      if (isNew) rmSync(file, { force: true });
      lock.release();
    },
  };
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (isBusy(error)) throw heldBy(folder, readHolder(note));
    if (isNew) rmSync(file, { force: true });
    throw error;
  }
  held.add(db);
  try {
    const holder: LockHolder = { pid: process.pid, command, sinceMs: clock.now() };
    writeFileSync(note, JSON.stringify(holder), { mode: 0o600 });
    return lock;
  } catch (error) {
    lock.remove();
    throw error;
  }
}

/** Whether a process, this one or another, holds the folder. Reads only. */
export function isHeld(folder: string): boolean {
  const file = join(folder, 'lock.db');
  if (!existsSync(file)) return false;
  const db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  try {
    db.exec('SELECT count(*) FROM sqlite_schema');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    db.close();
  }
}

function isBusy(error: unknown): boolean {
  // https://www.sqlite.org/rescode.html: SQLITE_BUSY is 5, its extended codes share the low byte.
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' && (code & 0xff) === 5;
}

/** null when the note is missing or half-written: the lock itself is what counts. */
function readHolder(note: string): LockHolder | null {
  try {
    const holder: unknown = JSON.parse(readFileSync(note, 'utf8'));
    return isHolder(holder) ? holder : null;
  } catch (error) {
    // Not there yet, unreadable or not JSON: the message then names no pid.
    if (error instanceof Error) return null;
    throw error;
  }
}

function isHolder(note: unknown): note is LockHolder {
  if (typeof note !== 'object' || note === null) return false;
  if (!('pid' in note && 'command' in note && 'sinceMs' in note)) return false;
  return typeof note.pid === 'number' && typeof note.command === 'string' && Number.isFinite(note.sinceMs);
}

function heldBy(folder: string, holder: LockHolder | null): AppError {
  const ja = holder === null ? ' ' : `（pid ${holder.pid}、\`${holder.command}\`、${since(holder)} から）`;
  const en = holder === null ? '' : ` (pid ${holder.pid}, \`${holder.command}\`, since ${since(holder)})`;
  return new AppError({
    code: 'storage-locked',
    message: {
      ja: `別の Todoku${ja}が ${folder} で動いています`,
      en: `another Todoku${en} works in ${folder}`,
    },
    hint: holder?.command === 'serve' ? stopServe(holder.pid) : waitForIt,
  });
}

const waitForIt: Bilingual = {
  ja: '終わるのを待つか、--data で別のフォルダーを指定してください',
  en: 'wait for it or use --data',
};

/** `todoku serve` ends by itself never. */
function stopServe(pid: number): Bilingual {
  return {
    ja: `\`kill ${pid}\` で止め（受け取り中・送信中のメールは失われません）、このコマンドの後でもう一度 \`todoku serve\` を始めてください`,
    en: `stop it with \`kill ${pid}\` (it finishes what is under way, no mail is lost), run this, then start \`todoku serve\` again`,
  };
}

/** `2026-01-01 12:03` in local time: what a person compares with `ps`. */
function since(holder: LockHolder): string {
  // The Swedish way of writing a date is ISO 8601 with a space.
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' }).format(holder.sinceMs);
}
