import type { FileHandle } from 'node:fs/promises';

/** What is to be moved where. */
export type ArchiveRequest = {
  /** Absolute path of an mbox or a Maildir. */
  readonly source: string;
  /** Mail of earlier years is archived. */
  readonly before: number;
  /** Absolute folder; a folder for each year is made in it. */
  readonly to: string;
  readonly dryRun: boolean;
  /** Takes away what was archived, after every copy was read again and compared. */
  readonly removes: boolean;
};

export type YearCount = { readonly year: number; readonly messages: number; readonly octets: number };

/** What a look at the source found, before anything is written. */
export type ArchivePlan = {
  /** Oldest first. */
  readonly years: readonly YearCount[];
  /** Newer, or without any date. */
  readonly stays: number;
  /** Of these, without a date that can be believed. */
  readonly undated: number;
};

export type ArchiveResult = {
  readonly source: string;
  readonly to: string;
  readonly dryRun: boolean;
  readonly plan: ArchivePlan;
  /** Written now; what an earlier run had copied is not written again. */
  readonly copied: number;
  /** Copies that were read again and compared with the original. */
  readonly verified: number;
  readonly removed: number;
};

export type ArchiveStage = 'plan' | 'copy' | 'verify' | 'remove';

export type ArchiveWatch = {
  readonly signal: AbortSignal;
  /** The year after this one is in the future: a date there is not believed. */
  readonly thisYear: number;
  planned(plan: ArchivePlan): void;
  progress(stage: ArchiveStage, done: number, all: number): void;
  /** Bytes that are free for us on the disk of a folder. */
  freeBytes(folder: string): Promise<number>;
};

// As large as a disk's read-ahead; larger ones measured no faster.
const pieceOctets = 256 * 1_024;
// As many as read at the same time (archive-maildir.ts). A new buffer for each message made the peak 357 MB with 150,000 of them.
const mostIdle = 32;
const idle: Buffer[] = [];

/** Octets of one place of a file, in pieces that are valid until the next one is asked for. */
export async function* octetsOf(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(pieceOctets);
  try {
    let at = start;
    while (at < end) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - at), at);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    if (idle.length < mostIdle) idle.push(buffer);
  }
}

/** Counts while the source is looked through. */
export function createTally(): {
  add(year: number | null, octets: number, before: number): void;
  plan(): ArchivePlan;
} {
  const years = new Map<number, { messages: number; octets: number }>();
  let stays = 0;
  let undated = 0;
  return {
    add(year, octets, before) {
      if (year === null) undated += 1;
      if (year === null || year >= before) {
        stays += 1;
        return;
      }
      const count = years.get(year) ?? { messages: 0, octets: 0 };
      count.messages += 1;
      count.octets += octets;
      years.set(year, count);
    },
    plan: () => ({
      years: [...years].map(([year, count]) => ({ year, ...count })).toSorted((a, b) => a.year - b.year),
      stays,
      undated,
    }),
  };
}

export function plannedOctets(plan: ArchivePlan): number {
  return plan.years.reduce((sum, { octets }) => sum + octets, 0);
}

export function plannedMessages(plan: ArchivePlan): number {
  return plan.years.reduce((sum, { messages }) => sum + messages, 0);
}
