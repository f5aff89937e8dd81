import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { CheckAnswer, Product } from '../cli/index.ts';
import { createFindings, loadFindingTexts } from '../findings/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import {
  archiveImap,
  archiveStore,
  examineStores,
  loadStoreLimits,
  systemFreeBytes,
} from '../mailbox/index.ts';
import type { ArchivePlan, ArchiveStage } from '../mailbox/index.ts';
import type { CheckParts } from './check-tools.ts';

type Now = Pick<CheckParts['clock'], 'now'>;

/** One place after the other: they lie on the same disk. */
export async function checkStores(
  clock: Now,
  ...[paths, watch]: Parameters<Product['checkStores']>
): Promise<CheckAnswer> {
  const folder = defaultKnowledgeFolder();
  const parts = {
    finding: createFindings(loadFindingTexts(folder)),
    limits: loadStoreLimits(folder),
    nowMs: clock.now(),
    signal: watch.signal,
    onProgress: (path: string, done: number, all: number | null) => watch.progress(path, done, all),
  };
  const found = [];
  for (const path of paths) found.push(...(await examineStores(resolve(path), parts)));
  return { subject: paths.join(', '), findings: found };
}

export async function archiveMail(
  { config, clock }: Pick<CheckParts, 'config'> & { readonly clock: Now },
  ...[request, watch]: Parameters<Product['archiveMail']>
): ReturnType<Product['archiveMail']> {
  const { source } = request;
  const to = resolve(request.to);
  const parts = {
    signal: watch.signal,
    planned: (plan: ArchivePlan) => watch.planned(plan),
    progress: (stage: ArchiveStage, done: number, all: number) => watch.progress(stage, done, all),
    thisYear: new Date(clock.now()).getUTCFullYear(),
    freeBytes: systemFreeBytes,
  };
  if (typeof source === 'string')
    return await archiveStore({ ...request, source: resolve(source), to }, parts);
  const { tlsCa } = config.delivery;
  const authorities = tlsCa === null ? null : [...rootCertificates, readFileSync(tlsCa, 'utf8')];
  return await archiveImap({ ...request, source: { ...source, authorities }, to }, parts);
}
