import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { StorageFull } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { KeptMail } from './ports.ts';

export type KeptMailOptions = {
  /** A Maildir, made when the first mail comes: people read it with any mail program. */
  readonly folder: string;
  /** Beyond these nothing more is kept, until somebody has cleared up. */
  readonly mostMails: number;
  readonly mostBytes: number;
  readonly clock: Clock;
  /** Once for each mail that found no room. */
  readonly onFull: () => void;
};

// Somebody who cleared up is noticed within this time; counting 10,000 files takes 30 ms.
const recountMs = 60_000;

type Present = { readonly names: Set<string>; bytes: number; readonly countedMs: number };

/** Keeps mail for people in a bounded Maildir (new/, cur/, tmp/ as in maildir(5) of qmail). */
export function createKeptMail(options: KeptMailOptions): KeptMail {
  const { folder, clock } = options;
  const places = { tmp: join(folder, 'tmp'), fresh: join(folder, 'new'), seen: join(folder, 'cur') };
  let known: Present | null = null;
  const isFull = (present: Present, bytes: number): boolean =>
    present.names.size >= options.mostMails || present.bytes + bytes > options.mostBytes;
  const count = (): Present => {
    const files = [...filesIn(places.fresh), ...filesIn(places.seen)];
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    // A mail program adds flags behind a colon.
    return {
      names: new Set(files.map(({ name }) => name.split(':', 1)[0] ?? name)),
      bytes,
      countedMs: clock.monotonic(),
    };
  };
  return {
    keep(mail, digest) {
      const name = `${digest}.todoku`;
      let present = known ?? count();
      const isOld = clock.monotonic() - present.countedMs > recountMs;
      if (isFull(present, mail.length) && isOld) present = count();
      known = present;
      if (present.names.has(name)) return true;
      if (isFull(present, mail.length)) {
        options.onFull();
        return false;
      }
      write(places, name, mail);
      present.names.add(name);
      present.bytes += mail.length;
      return true;
    },
  };
}

type Places = { readonly tmp: string; readonly fresh: string; readonly seen: string };

function write(places: Places, name: string, mail: Uint8Array): void {
  const draft = join(places.tmp, name);
  try {
    for (const each of Object.values(places)) mkdirSync(each, { recursive: true, mode: 0o700 });
    writeDurably(draft, mail);
    renameSync(draft, join(places.fresh, name));
    syncFolder(places.fresh);
  } catch (error) {
    rmSync(draft, { force: true });
    throw storageFull(error, places.fresh);
  }
}

type KeptFile = { readonly name: string; readonly bytes: number };

function filesIn(folder: string): readonly KeptFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => ({
    name,
    // Moved or removed by a mail program since: counts nothing.
    bytes: statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0,
  }));
}

function writeDurably(file: string, mail: Uint8Array): void {
  const handle = openSync(file, 'w', 0o600);
  try {
    for (let written = 0; written < mail.length;) written += writeSync(handle, mail, written);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes the new name survive a power cut (fsync(2)). */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function storageFull(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EIO') return error;
  return new StorageFull(code === 'EIO' ? 'io' : 'full', {
    code: 'kept-mail-full',
    message: {
      ja: `${folder} に書き込めません（${code}）`,
      en: `${folder} cannot be written to (${code})`,
    },
    hint: { ja: 'ディスクに空きを作ってください', en: 'make room on the disk' },
    cause: error,
  });
}
