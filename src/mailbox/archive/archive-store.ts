import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findStores } from '../stores/find-stores.ts';
import { archiveFailure, noRoom, notAStore } from './archive-fault.ts';
import { copyMaildir, planMaildir } from './archive-maildir.ts';
import { copyMbox, planMbox } from './archive-mbox.ts';
import { plannedOctets } from './archive-request.ts';
import type { ArchivePlan, ArchiveRequest, ArchiveResult, ArchiveWatch } from './archive-request.ts';
import { makeFolder } from './durable.ts';

// Names, journal and half a block for each file.
const spareOctets = 100_000_000;

/** Archives old mail of one mbox or Maildir by year: looks through it first, always, and then does what was asked. */
export async function archiveStore(request: ArchiveRequest, watch: ArchiveWatch): Promise<ArchiveResult> {
  try {
    // The file itself takes the place of the old one, not of a link to it.
    return await archive({ ...request, source: await realpath(request.source) }, watch);
  } catch (error) {
    throw archiveFailure(error, watch.signal);
  }
}

async function archive(request: ArchiveRequest, watch: ArchiveWatch): Promise<ArchiveResult> {
  const kind = await kindOf(request.source, watch.signal);
  const plan = await (kind === 'mbox' ? planMbox : planMaildir)(request, watch);
  watch.planned(plan);
  const nothing = { ...request, plan, copied: 0, verified: 0, removed: 0 };
  if (request.dryRun) return resultOf(nothing);
  await checkRoom(request, { plan, kind }, watch);
  const counts = kind === 'mbox' ? await copyMbox(request, watch) : await copyMaildir(request, plan, watch);
  return resultOf({ ...nothing, ...counts });
}

function resultOf({ source, to, dryRun, plan, copied, verified, removed }: ArchiveResult): ArchiveResult {
  return { source, to, dryRun, plan, copied, verified, removed };
}

async function kindOf(path: string, signal: AbortSignal): Promise<'mbox' | 'maildir'> {
  const { stores } = await findStores(path, signal);
  const store = stores.find((each) => each.path === path);
  if (store?.kind !== 'mbox' && store?.kind !== 'maildir') throw notAStore(path);
  return store.kind;
}

async function checkRoom(
  { source, to, removes }: ArchiveRequest,
  { plan, kind }: { readonly plan: ArchivePlan; readonly kind: 'mbox' | 'maildir' },
  watch: ArchiveWatch,
): Promise<void> {
  await makeFolder(to);
  const copies = plannedOctets(plan) + spareOctets;
  const free = await watch.freeBytes(to);
  if (free < copies) throw noRoom(to, copies, free);
  if (!removes || kind !== 'mbox') return;
  // What stays is written beside the source, before it takes its place.
  const kept = (await lstat(source)).size - plannedOctets(plan) + spareOctets;
  const folder = dirname(source);
  const beside = await watch.freeBytes(folder);
  const isSameDisk = (await lstat(folder)).dev === (await lstat(to)).dev;
  const need = isSameDisk ? kept + copies : kept;
  if (beside < need) throw noRoom(folder, need, beside);
}
