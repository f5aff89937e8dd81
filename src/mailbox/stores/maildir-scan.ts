import { lstatSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';

export type MaildirFile = {
  readonly part: 'new' | 'cur' | 'tmp';
  readonly name: string;
  readonly size: number;
  readonly changedMs: number;
};

export const maildirParts = ['new', 'cur', 'tmp'] as const;

// So many are asked for before others get their turn: well under a millisecond.
const asksAtOnce = 64;

export type MaildirScan = {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (files: number) => void;
};

/** The files of a Maildir in batches, in no order. A million of them pass by: nothing is kept. A part that is missing has none. */
export async function* scanMaildir(
  folder: string,
  parts: readonly MaildirFile['part'][],
  scan: MaildirScan = {},
): AsyncGenerator<readonly MaildirFile[]> {
  let seen = 0;
  for (const part of parts) {
    for await (const names of namesIn(join(folder, part))) {
      scan.signal?.throwIfAborted();
      yield names.map((name) => describe(folder, part, name)).filter((file) => file !== null);
      seen += names.length;
      scan.onProgress?.(seen);
    }
  }
}

async function* namesIn(folder: string): AsyncGenerator<readonly string[]> {
  const directory = await opendir(folder, { bufferSize: 256 }).catch(onMissing);
  if (directory === null) return;
  let names: string[] = [];
  // maildir(5): what begins with a dot is no mail.
  for await (const { name } of directory) {
    if (name.startsWith('.')) continue;
    names.push(name);
    if (names.length < asksAtOnce) continue;
    yield names;
    names = [];
  }
  if (names.length > 0) yield names;
}

/** Asked synchronously: measured with 50,000 files, promises took twice the time and 20 MB more. */
function describe(folder: string, part: MaildirFile['part'], name: string): MaildirFile | null {
  const found = lstatSync(join(folder, part, name), { throwIfNoEntry: false });
  if (found === undefined || !found.isFile()) return null;
  return { part, name, size: found.size, changedMs: found.mtimeMs };
}

/** Taken away by a mail program since, or never there. */
function onMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return null;
  throw error;
}

/** maildir(5): seconds since 1970 at the beginning of the name say when the mail was delivered. */
export function deliveredMs(name: string): number | null {
  const seconds = /^(\d{9,10})\./.exec(name)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}
