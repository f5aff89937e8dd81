import { resolve } from 'node:path';
import type { CheckAnswer, Product } from '../cli/index.ts';
import { createFindings, loadFindingTexts } from '../findings/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import { archiveStore, examineStores, loadStoreLimits, systemFreeBytes } from '../mailbox/index.ts';
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
  clock: Now,
  ...[request, watch]: Parameters<Product['archiveMail']>
): ReturnType<Product['archiveMail']> {
  return await archiveStore(
    { ...request, source: resolve(request.source), to: resolve(request.to) },
    { ...watch, thisYear: new Date(clock.now()).getUTCFullYear(), freeBytes: systemFreeBytes },
  );
}
