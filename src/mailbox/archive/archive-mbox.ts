import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { scanMbox } from '../stores/mbox-scan.ts';
import type { MboxMessage } from '../stores/mbox-scan.ts';
import { storeFileAt } from '../stores/store-file.ts';
import type { StoreFile } from '../stores/store-file.ts';
import { copyDiffers, otherYear, sourceChanged } from './archive-fault.ts';
import { createTally, octetsOf } from './archive-request.ts';
import type { ArchivePlan, ArchiveRequest, ArchiveWatch } from './archive-request.ts';
import { makeFolder, syncFolder } from './durable.ts';
import { openJournal, tagOf } from './journal.ts';
import type { Journal, JournalState } from './journal.ts';
import { finishSwap, swapKept } from './mbox-swap.ts';
import { yearOf } from './mbox-year.ts';

// What a kill makes a run copy again, and how often the disk is waited for.
const recordEveryOctets = 8 * 1_024 * 1_024;

export type MboxCounts = { readonly copied: number; readonly verified: number; readonly removed: number };

export async function planMbox(request: ArchiveRequest, watch: ArchiveWatch): Promise<ArchivePlan> {
  const tally = createTally();
  const source = await open(request.source, 'r');
  try {
    const file = await storeFileAt(source);
    for await (const message of scan(file, { watch, stage: 'plan' }))
      tally.add(yearOf(message, watch), message.end - message.start, request.before);
    return tally.plan();
  } finally {
    await source.close();
  }
}

/** Appends old messages to a file for each year, reads all again and compares, and then, if wished, puts a file without them in its place. */
export async function copyMbox(request: ArchiveRequest, watch: ArchiveWatch): Promise<MboxCounts> {
  await makeFolder(request.to);
  const journal = await openJournal(request.to, request.source);
  try {
    const begun = await finishSwap(request, journal);
    const source = await open(request.source, 'r');
    try {
      const archive = new MboxArchive({ request, watch, journal, source, file: await storeFileAt(source) });
      return await archive.run(begun);
    } finally {
      await source.close();
    }
  } finally {
    await journal.close();
  }
}

function scan(
  file: StoreFile,
  { watch, stage, from = 0 }: { watch: ArchiveWatch; stage: 'plan' | 'copy' | 'verify'; from?: number },
): AsyncGenerator<MboxMessage> {
  return scanMbox(file, {
    from,
    signal: watch.signal,
    onProgress: (octets) => watch.progress(stage, octets, file.size),
  });
}

type Parts = {
  readonly request: ArchiveRequest;
  readonly watch: ArchiveWatch;
  readonly journal: Journal;
  readonly source: FileHandle;
  readonly file: StoreFile;
};

type YearFile = { readonly handle: FileHandle; readonly base: number; length: number };

class MboxArchive {
  readonly #parts: Parts;
  readonly #years = new Map<string, YearFile>();
  #hash: Hash = createHash('sha256');
  #offset = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async run(begun: JournalState | null): Promise<MboxCounts> {
    const { request } = this.#parts;
    try {
      if (begun !== null) await this.#goOn(begun);
      const copied = await this.#copy();
      const verified = await this.#verify();
      const digest = this.#hash.copy().digest('hex');
      // Nothing of it is in the archive: there is nothing to remember.
      if (this.#years.size === 0) await this.#parts.journal.remove();
      const removed = request.removes && verified > 0 ? await swapKept(this.#parts, this.#state(digest)) : 0;
      return { copied, verified, removed };
    } finally {
      for (const { handle } of this.#years.values()) await handle.close();
    }
  }

  /** What was copied counts only if the source still begins with it; what no record tells of is cut off. */
  async #goOn(begun: JournalState): Promise<void> {
    const { request, source, file } = this.#parts;
    if (begun.before !== request.before) throw otherYear(request.to, begun.before);
    if (begun.offset > file.size) throw sourceChanged(request.source);
    for await (const piece of octetsOf(source, 0, begun.offset)) this.#hash.update(piece);
    if (this.#hash.copy().digest('hex') !== begun.digest) throw sourceChanged(request.source);
    this.#offset = begun.offset;
    for (const [year, { base, length }] of Object.entries(begun.years)) {
      const yearFile = await this.#open(year, base);
      const { size } = await yearFile.handle.stat();
      if (size < length) throw copyDiffers(this.#pathOf(year));
      await yearFile.handle.truncate(length);
      yearFile.length = length;
    }
  }

  async #copy(): Promise<number> {
    const { request, watch, source, file } = this.#parts;
    let copied = 0;
    let recordedAt = this.#offset;
    for await (const message of scan(file, { watch, stage: 'copy', from: this.#offset })) {
      const year = yearOf(message, watch);
      const target = year === null || year >= request.before ? null : await this.#target(String(year));
      for await (const piece of octetsOf(source, message.start, message.end)) {
        this.#hash.update(piece);
        if (target !== null) await writeAt(target, piece);
      }
      this.#offset = message.end;
      if (target !== null) copied += 1;
      if (this.#offset - recordedAt < recordEveryOctets) continue;
      await this.#record();
      recordedAt = this.#offset;
    }
    if (this.#offset > recordedAt) await this.#record();
    return copied;
  }

  /** The length at which a year's file is found is on record before anything is added to it. */
  async #target(year: string): Promise<YearFile> {
    const known = this.#years.get(year);
    if (known !== undefined) return known;
    const opened = await this.#open(year, null);
    await this.#record();
    return opened;
  }

  #pathOf(year: string): string {
    // A file is one source's own: what no record of this source tells of may be cut off.
    const { source, to } = this.#parts.request;
    return join(to, year, `${basename(source, '.mbox')}-${tagOf(source)}.mbox`);
  }

  async #open(year: string, base: number | null): Promise<YearFile> {
    const path = this.#pathOf(year);
    await makeFolder(join(this.#parts.request.to, year));
    // `r+` would not make it, `w+` would empty it, and `a+` would not write at a place.
    await (await open(path, 'a', 0o600)).close();
    await syncFolder(join(this.#parts.request.to, year));
    const handle = await open(path, 'r+');
    const length = base ?? (await handle.stat()).size;
    const opened = { handle, base: length, length };
    this.#years.set(year, opened);
    return opened;
  }

  async #record(): Promise<void> {
    for (const { handle } of this.#years.values()) await handle.datasync();
    await this.#parts.journal.record(this.#state(this.#hash.copy().digest('hex')));
  }

  #state(digest: string): JournalState {
    const years = [...this.#years].map(([year, { base, length }]) => [year, { base, length }] as const);
    return {
      offset: this.#offset,
      digest,
      before: this.#parts.request.before,
      years: Object.fromEntries(years),
      swap: null,
    };
  }

  /** Each archived message once more, octet by octet: the original against its copy. */
  async #verify(): Promise<number> {
    const { request, watch, source, file } = this.#parts;
    const places = new Map([...this.#years].map(([year, { base }]) => [year, base]));
    let verified = 0;
    for await (const message of scan(file, { watch, stage: 'verify' })) {
      const year = yearOf(message, watch);
      if (year === null || year >= request.before) continue;
      const place = places.get(String(year));
      const target = this.#years.get(String(year));
      const length = message.end - message.start;
      const copy =
        target && place !== undefined ? await digestOf(target.handle, place, place + length) : null;
      if (copy === null || copy !== (await digestOf(source, message.start, message.end)))
        throw copyDiffers(this.#pathOf(String(year)));
      places.set(String(year), (place ?? 0) + length);
      verified += 1;
    }
    return verified;
  }
}

async function writeAt(target: YearFile, piece: Buffer): Promise<void> {
  let written = 0;
  while (written < piece.length) {
    const { bytesWritten } = await target.handle.write(piece, written, piece.length - written, target.length);
    written += bytesWritten;
    target.length += bytesWritten;
  }
}

async function digestOf(handle: FileHandle, start: number, end: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of octetsOf(handle, start, end)) hash.update(piece);
  return hash.digest('hex');
}
