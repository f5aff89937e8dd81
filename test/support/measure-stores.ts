import { createFindings, loadFindingTexts } from '../../src/findings/index.ts';
import { defaultKnowledgeFolder } from '../../src/knowledge/index.ts';
import { examineStores, loadStoreLimits } from '../../src/mailbox/stores/index.ts';

/** What `measure-stores.ts PATH` prints: one examination in a process of its own, so that its peak memory is its own. */
export type MeasuredStores = {
  readonly found: readonly { readonly id: string; readonly evidence: string }[];
  readonly seconds: number;
  /** Peak of the whole process, in bytes. */
  readonly peakRssBytes: number;
};

const path = process.argv[2];
if (path !== undefined && import.meta.main) {
  const startMs = performance.now();
  const folder = defaultKnowledgeFolder();
  const found = await examineStores(path, {
    finding: createFindings(loadFindingTexts(folder)),
    limits: loadStoreLimits(folder),
    nowMs: Date.now(),
    freeBytes: () => Promise.resolve(1e12),
  });
  const measured: MeasuredStores = {
    found: found.map(({ id, evidence }) => ({ id, evidence })),
    seconds: (performance.now() - startMs) / 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
  console.log(JSON.stringify(measured));
}
