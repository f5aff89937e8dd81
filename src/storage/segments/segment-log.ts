import { fstatSync, ftruncateSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { headOctets, headOf, segmentFile, segmentNumber } from './record.ts';
import type { RecordPlace } from './record.ts';
import { findTail } from './tail.ts';

export type SegmentLogOptions = {
  /** Made when it is missing. */
  readonly folder: string;
  /** A segment that has reached this size is followed by a new one; a record is never split. */
  readonly segmentOctets: number;
  /** Where the last record that somebody was told of ends: nothing before it is ever cut. 0: none. */
  readonly knownEnd: (segment: number) => number;
};

/** The one writer of a folder of segments. */
export type SegmentLog = {
  /**
   * Appends the bodies in their order and resolves when they are on the disk; rejects with what the file system threw, and
   * then nothing of them counts. Calls are served one after the other.
   */
  append(bodies: readonly Buffer[]): Promise<readonly RecordPlace[]>;
  /** All segments in order of age, and which one is being written. */
  segments(): readonly { readonly number: number; readonly octets: number; readonly isCurrent: boolean }[];
  /** Removes a segment that nothing refers to; never the current one. */
  remove(number: number): void;
  close(): Promise<void>;
};

type Current = { readonly number: number; readonly file: FileHandle; end: number };

/** Opens the folder for writing; what a crash left half-written at its end is cut off. */
export async function openSegmentLog(options: SegmentLogOptions): Promise<SegmentLog> {
  const { folder, segmentOctets } = options;
  // Only for us: these are people's mails.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncNames(dirname(folder));
  const sizes = new Map<number, number>();
  for (const number of numbersIn(folder)) sizes.set(number, 0);
  let current = await reopened(options, [...sizes.keys()].at(-1) ?? null);
  // A number is never used twice, also when the last segment went away: readers keep descriptors by number.
  let newest = [...sizes.keys()].at(-1) ?? 0;
  for (const number of sizes.keys()) sizes.set(number, await sizeOf(join(folder, segmentFile(number))));
  let last: Promise<unknown> = Promise.resolve();

  const roll = async (): Promise<Current> => {
    await current?.file.close();
    current = null;
    newest += 1;
    current = { number: newest, file: await newSegment(folder, newest), end: 0 };
    sizes.set(newest, 0);
    return current;
  };

  const write = async (bodies: readonly Buffer[]): Promise<readonly RecordPlace[]> => {
    const into = current === null || current.end >= segmentOctets ? await roll() : current;
    const places: RecordPlace[] = [];
    const pieces: Buffer[] = [];
    let end = into.end;
    for (const body of bodies) {
      places.push({ segment: into.number, offset: end, octets: body.length });
      pieces.push(headOf(body), body);
      end += headOctets + body.length;
    }
    try {
      await writeAll(into.file, pieces, into.end);
      await into.file.datasync();
    } catch (error) {
      // After a failed fsync nobody knows what of it is on the disk (fsync(2)): this file is not written to again.
      await abandon(into);
      current = null;
      throw error;
    }
    into.end = end;
    sizes.set(into.number, end);
    return places;
  };

  return {
    append(bodies) {
      const done = last.then(() => write(bodies));
      last = done.catch(() => undefined);
      return done;
    },
    segments: () =>
      [...sizes].map(([number, octets]) => ({ number, octets, isCurrent: number === current?.number })),
    remove(number) {
      if (number === current?.number) throw new Error(`segment ${number} is being written`);
      rmSync(join(folder, segmentFile(number)), { force: true });
      sizes.delete(number);
    },
    async close() {
      await last;
      await current?.file.close();
      current = null;
    },
  };
}

function numbersIn(folder: string): readonly number[] {
  return readdirSync(folder)
    .flatMap((file) => segmentNumber(file) ?? [])
    .toSorted((a, b) => a - b);
}

/** The newest segment, cut to its last whole record; null when a new one has to be begun. */
async function reopened(options: SegmentLogOptions, number: number | null): Promise<Current | null> {
  if (number === null) return null;
  const file = await open(join(options.folder, segmentFile(number)), 'r+');
  const { size } = fstatSync(file.fd);
  const tail = findTail(file.fd, size);
  const known = options.knownEnd(number);
  if (known > tail.end) {
    // Damage within what was promised: it stays as it is, and nothing is written behind it.
    await file.close();
    return null;
  }
  if (!tail.clean) {
    ftruncateSync(file.fd, tail.end);
    await file.sync();
  }
  return { number, file, end: tail.end };
}

async function newSegment(folder: string, number: number): Promise<FileHandle> {
  const file = await open(join(folder, segmentFile(number)), 'wx', 0o600);
  await syncNames(folder);
  return file;
}

/** Makes the names in a folder survive a power cut (fsync(2): the fsync of a file, or of what is in a folder, does not). */
async function syncNames(folder: string): Promise<void> {
  const within = await open(folder, 'r');
  try {
    await within.sync();
  } finally {
    await within.close();
  }
}

// writev(2) takes at most 1,024 pieces (IOV_MAX).
const mostPieces = 1_024;

async function writeAll(file: FileHandle, pieces: readonly Buffer[], from: number): Promise<void> {
  let at = from;
  for (let first = 0; first < pieces.length; first += mostPieces) {
    const some = pieces.slice(first, first + mostPieces);
    const octets = some.reduce((sum, { length }) => sum + length, 0);
    const { bytesWritten } = await file.writev(some, at);
    // A full disk may take a part of it and only then say so.
    if (bytesWritten < octets)
      await writeRest(file, Buffer.concat(some).subarray(bytesWritten), at + bytesWritten);
    at += octets;
  }
}

async function writeRest(file: FileHandle, rest: Buffer, from: number): Promise<void> {
  for (let done = 0; done < rest.length;) {
    const { bytesWritten } = await file.write(rest, done, rest.length - done, from + done);
    done += bytesWritten;
  }
}

/** Gives back what a failed write took, as far as the disk lets us: on a full one that is room others need. */
async function abandon({ file, end }: Current): Promise<void> {
  try {
    await file.truncate(end);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    // What stands there counts for nothing, and goes with its segment.
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}
