import { lstat, opendir } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';

export type MaildirFile = {
  readonly part: 'new' | 'cur' | 'tmp';
  readonly name: string;
  readonly size: number;
  readonly changedMs: number;
};

export const maildirParts = ['new', 'cur', 'tmp'] as const;

// Asking for one file at a time waits for each; beyond this many at once the four threads of libuv are busy anyway.
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
      const files = await Promise.all(names.map(async (name) => await describe(folder, part, name)));
      yield files.filter((file) => file !== null);
      seen += names.length;
      scan.onProgress?.(seen);
    }
  }
}

async function* namesIn(folder: string): AsyncGenerator<readonly string[]> {
  const directory = await opendir(folder, { bufferSize: 1_024 }).catch(onMissing);
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

async function describe(
  folder: string,
  part: MaildirFile['part'],
  name: string,
): Promise<MaildirFile | null> {
  const found: Stats | null = await lstat(join(folder, part, name)).catch(onMissing);
  if (found === null || !found.isFile()) return null;
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
