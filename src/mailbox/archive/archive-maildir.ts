import { createHash } from 'node:crypto';
import { open, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { maildirParts, deliveredMs, scanMaildir } from '../stores/maildir-scan.ts';
import type { MaildirFile } from '../stores/maildir-scan.ts';
import { yearOfHeader, yearOfMoment } from '../stores/mail-date.ts';
import { copyDiffers } from './archive-fault.ts';
import { createTally, octetsOf, plannedMessages } from './archive-request.ts';
import type { ArchivePlan, ArchiveRequest, ArchiveWatch } from './archive-request.ts';
import { makeFolder, syncFolder } from './durable.ts';

const headOctets = 16 * 1_024;
// Each waits for its own fsync, and a disk takes several together (measured on ext4: 16 at once are 6 times faster than one).
const copiesAtOnce = 16;
const mailParts = ['cur', 'new'] as const;

export async function planMaildir(request: ArchiveRequest, watch: ArchiveWatch): Promise<ArchivePlan> {
  const tally = createTally();
  let seen = 0;
  for await (const files of scanMaildir(request.source, mailParts, { signal: watch.signal })) {
    const years = await Promise.all(files.map(async (file) => await yearOf(request.source, file, watch)));
    for (const [index, file] of files.entries()) tally.add(years[index] ?? null, file.size, request.before);
    seen += files.length;
    watch.progress('plan', seen, seen);
  }
  return tally.plan();
}

/**
 * Copies, reads again, compares, and only then removes, a batch at a time. The name of a copy follows from the name of the original: a run after a
 * crash finds what was copied, and no journal is needed.
 */
export async function copyMaildir(
  request: ArchiveRequest,
  plan: ArchivePlan,
  watch: ArchiveWatch,
): Promise<{ readonly copied: number; readonly verified: number; readonly removed: number }> {
  for (const { year } of plan.years)
    for (const part of maildirParts) await makeFolder(join(request.to, String(year), part));
  const all = plannedMessages(plan);
  const known = new Set(plan.years.map(({ year }) => year));
  const count = { copied: 0, verified: 0, removed: 0 };
  for await (const files of scanMaildir(request.source, mailParts, { signal: watch.signal }))
    for (let from = 0; from < files.length; from += copiesAtOnce) {
      const some = files.slice(from, from + copiesAtOnce);
      const copies = await Promise.all(
        some.map(async (file) => await copyOne(request, file, { watch, known })),
      );
      const done = copies.filter((copy) => copy !== null);
      if (done.length === 0) continue;
      for (const folder of new Set(done.map((copy) => copy.folder))) await syncFolder(folder);
      count.copied += done.filter(({ isNew }) => isNew).length;
      count.verified += done.length;
      if (request.removes) count.removed += await removeAll(done.map((copy) => copy.original));
      watch.progress(request.removes ? 'remove' : 'copy', count.verified, all);
    }
  if (request.removes)
    for (const part of mailParts) await syncFolder(join(request.source, part)).catch(onGone);
  return count;
}

async function yearOf(folder: string, file: MaildirFile, watch: ArchiveWatch): Promise<number | null> {
  const lastYear = watch.thisYear + 1;
  const handle = await open(join(folder, file.part, file.name), 'r').catch(onGone);
  if (handle === null) return null;
  try {
    const buffer = Buffer.allocUnsafe(Math.min(headOctets, file.size));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const head = buffer.subarray(0, bytesRead);
    const end = /\r?\n\r?\n/.exec(head.toString('latin1'))?.index ?? head.length;
    const moment = deliveredMs(file.name) ?? file.changedMs;
    return yearOfHeader(head.subarray(0, end), { lastYear }) ?? yearOfMoment(moment, { lastYear });
  } finally {
    await handle.close();
  }
}

type Copy = { readonly original: string; readonly folder: string; readonly isNew: boolean };
type CopySetting = { readonly watch: ArchiveWatch; readonly known: ReadonlySet<number> };

/** null: it stays where it is, or it went away. */
async function copyOne(
  request: ArchiveRequest,
  file: MaildirFile,
  { watch, known }: CopySetting,
): Promise<Copy | null> {
  const year = await yearOf(request.source, file, watch);
  // What came in since the plan was made is for the next run.
  if (year === null || year >= request.before || !known.has(year)) return null;
  const original = join(request.source, file.part, file.name);
  const target = join(request.to, String(year));
  const folder = join(target, file.part);
  const wanted = await digestOf(original);
  if (wanted === null) return null;
  for (const name of [file.name, withDigest(file.name, wanted)]) {
    const there = await digestOf(join(folder, name));
    if (there === wanted) return { original, folder, isNew: false };
    if (there !== null) continue;
    const half = join(target, 'tmp', name);
    if ((await copyFile(original, half)) === null) return null;
    if ((await digestOf(half)) !== wanted) {
      await rm(half, { force: true });
      throw copyDiffers(half);
    }
    await rename(half, join(folder, name));
    return { original, folder, isNew: true };
  }
  throw copyDiffers(join(folder, withDigest(file.name, wanted)));
}

/** Another mail of the same name lies there: two Maildirs archived into one folder. */
function withDigest(name: string, digest: string): string {
  const flags = name.search(/[:;!]2,/);
  const base = flags < 0 ? name : name.slice(0, flags);
  return `${base}.${digest.slice(0, 16)}${flags < 0 ? '' : name.slice(flags)}`;
}

async function copyFile(from: string, to: string): Promise<'copied' | null> {
  const source = await open(from, 'r').catch(onGone);
  if (source === null) return null;
  try {
    const { size, atime, mtime } = await source.stat();
    const target = await open(to, 'w', 0o600);
    try {
      for await (const piece of octetsOf(source, 0, size)) await target.writeFile(piece);
      await target.utimes(atime, mtime);
      await target.sync();
    } finally {
      await target.close();
    }
    return 'copied';
  } finally {
    await source.close();
  }
}

/** SHA-256 of a file; null: it is not there. */
async function digestOf(path: string): Promise<string | null> {
  const handle = await open(path, 'r').catch(onGone);
  if (handle === null) return null;
  try {
    const hash = createHash('sha256');
    for await (const piece of octetsOf(handle, 0, (await handle.stat()).size)) hash.update(piece);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

async function removeAll(paths: readonly string[]): Promise<number> {
  // Gone: a mail program gave it other flags, and so another name; it stays, and its copy does too.
  const removed = await Promise.all(
    paths.map(
      async (path) =>
        await unlink(path).then(
          () => 1,
          (error: unknown) => onGone(error) ?? 0,
        ),
    ),
  );
  return removed.reduce<number>((sum, each) => sum + each, 0);
}

function onGone(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
