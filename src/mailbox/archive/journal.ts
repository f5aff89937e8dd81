import { createHash } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { syncFolder } from './durable.ts';

const state = z.strictObject({
  /** Octets of the source that were looked through, and whose old messages are in the archive. */
  offset: z.int().nonnegative(),
  /** SHA-256 of these octets: tells whether the source is still what was copied. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  before: z.int(),
  /** Length of each year's file when the archive was begun, and what is surely on the disk by now. */
  years: z.record(z.string().regex(/^\d{4}$/), z.strictObject({ base: z.int(), length: z.int() })),
  /** The file that takes the place of the source, as it was when it was complete. */
  swap: z.strictObject({ size: z.int(), digest: z.string() }).nullable(),
});

export type JournalState = z.output<typeof state>;

/** What is done of one archive, on the disk: a line for each step, the last whole one counts. */
export type Journal = {
  readonly state: JournalState | null;
  /** Durable when it resolves. */
  record(state: JournalState): Promise<void>;
  /** The archive is over: the next run begins a new one. */
  remove(): Promise<void>;
  close(): Promise<void>;
};

// A line is some hundred octets; a run records one for each 8 MiB. Beyond this it is no journal of ours.
const mostOctets = 64_000_000;

/** Tells two sources of the same name apart. */
export function tagOf(source: string): string {
  return createHash('sha256').update(source).digest('hex').slice(0, 8);
}

export async function openJournal(folder: string, source: string): Promise<Journal> {
  const path = join(folder, `.todoku-archive-${basename(source)}-${tagOf(source)}.journal`);
  const handle = await open(path, 'a+', 0o600);
  await syncFolder(folder);
  const size = (await handle.stat()).size;
  const last = size > mostOctets ? null : lastState(await readFile(path, 'utf8'));
  return {
    state: last,
    record: async (next) => await append(handle, next),
    async remove() {
      await rm(path, { force: true });
      await syncFolder(folder);
    },
    close: async () => await handle.close(),
  };
}

async function append(handle: FileHandle, next: JournalState): Promise<void> {
  // A line end first: half a line of a killed run must not swallow this one.
  await handle.appendFile(`\n${JSON.stringify(next)}\n`);
  await handle.sync();
}

function lastState(text: string): JournalState | null {
  for (const line of text.split('\n').toReversed()) {
    const read = line === '' ? null : parsed(line);
    if (read !== null) return read;
  }
  return null;
}

function parsed(line: string): JournalState | null {
  try {
    const read = state.safeParse(JSON.parse(line));
    return read.success ? read.data : null;
  } catch (error) {
    // Half a line: the machine stopped while it was written, and the one before counts.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
