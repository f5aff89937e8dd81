import { createHash } from 'node:crypto';
import { lstat, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { scanMbox } from '../stores/mbox-scan.ts';
import type { StoreFile } from '../stores/store-file.ts';
import { sourceChanged, storeInUse } from './archive-fault.ts';
import { octetsOf } from './archive-request.ts';
import type { ArchiveRequest, ArchiveWatch } from './archive-request.ts';
import { syncFolder } from './durable.ts';
import type { Journal, JournalState } from './journal.ts';
import { yearOf } from './mbox-year.ts';

type SwapParts = {
  readonly request: ArchiveRequest;
  readonly watch: ArchiveWatch;
  readonly journal: Journal;
  readonly source: FileHandle;
  readonly file: StoreFile;
};

/** Writes what stays beside the source and puts it in its place in one step; answers how many messages went. */
export async function swapKept(parts: SwapParts, state: JournalState): Promise<number> {
  const { request, journal, source } = parts;
  const unlock = await lock(request.source);
  try {
    const before = await source.stat();
    const next = `${request.source}.todoku-new`;
    const kept = await writeKept(parts, next);
    await journal.record({ ...state, swap: { size: kept.size, digest: kept.digest } });
    const after = await lstat(request.source);
    // A program that does not keep to the lock wrote meanwhile.
    if (after.ino !== before.ino || after.size !== parts.file.size || after.mtimeMs !== before.mtimeMs)
      throw sourceChanged(request.source);
    await rename(next, request.source);
    await syncFolder(dirname(request.source));
    await journal.remove();
    return kept.removed;
  } finally {
    await unlock();
  }
}

type Kept = { readonly size: number; readonly digest: string; readonly removed: number };

async function writeKept({ request, watch, source, file }: SwapParts, next: string): Promise<Kept> {
  const { mode, uid, gid } = await source.stat();
  await rm(next, { force: true });
  const target = await open(next, 'wx', mode & 0o777);
  try {
    const hash = createHash('sha256');
    let removed = 0;
    let size = 0;
    const progress = {
      signal: watch.signal,
      onProgress: (at: number) => watch.progress('remove', at, file.size),
    };
    for await (const message of scanMbox(file, progress)) {
      const year = yearOf(message, watch);
      if (year !== null && year < request.before) {
        removed += 1;
        continue;
      }
      for await (const piece of octetsOf(source, message.start, message.end)) {
        hash.update(piece);
        await target.writeFile(piece);
        size += piece.length;
      }
    }
    // Root archives for others; for everybody else it is theirs already.
    if (process.getuid?.() === 0) await target.chown(uid, gid);
    await target.sync();
    const digest = hash.digest('hex');
    if ((await digestOf(next)) !== digest) throw sourceChanged(next);
    return { size, digest, removed };
  } finally {
    await target.close();
  }
}

/** After a crash between the last record and the end: either the swap was done, and all is over, or it is done again. */
export async function finishSwap(request: ArchiveRequest, journal: Journal): Promise<JournalState | null> {
  const { state } = journal;
  if (state === null || state.swap === null) return state;
  const { source } = request;
  await rm(`${source}.todoku-new`, { force: true });
  // New mail may have come in behind what was there.
  const isOriginal = (await digestOf(source, state.offset)) === state.digest;
  if (isOriginal || (await digestOf(source, state.swap.size)) !== state.swap.digest)
    return { ...state, swap: null };
  await syncFolder(dirname(source));
  await journal.record({ offset: 0, digest: nothing, before: state.before, years: {}, swap: null });
  return null;
}

const nothing = createHash('sha256').digest('hex');

/** The lock that programs which deliver into an mbox look for (dotlock); an own one of a killed run is taken over. */
async function lock(source: string): Promise<() => Promise<void>> {
  const path = `${source}.lock`;
  try {
    const handle = await open(path, 'wx', 0o644);
    await handle.writeFile(`todoku ${process.pid}\n`);
    await handle.close();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    if (!(await isLeftByUs(path))) throw storeInUse(source);
  }
  return async () => await rm(path, { force: true });
}

async function isLeftByUs(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const pid = /^todoku (\d+)\n/.exec(
      (await handle.read(Buffer.alloc(64), 0, 64, 0)).buffer.toString(),
    )?.[1];
    return pid !== undefined && !isRunning(Number(pid));
  } finally {
    await handle.close();
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Of the whole file, or of its first octets. */
async function digestOf(path: string, octets = Infinity): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    const end = Math.min(octets, (await handle.stat()).size);
    for await (const piece of octetsOf(handle, 0, end)) hash.update(piece);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}
