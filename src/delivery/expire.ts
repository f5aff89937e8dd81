import type { Domain } from './domains.ts';
import type { EgressPath, Hold } from './egress-path.ts';
import type { IdQueue } from './id-queue.ts';
import type { DeliveryStore } from './ports.ts';
import { settleExpired } from './settle.ts';
import type { Settled } from './settler.ts';

export type Expired = {
  readonly settled: readonly Settled[];
  /** Ids that the store no longer knows as unsettled. */
  readonly missing: number;
};

// Rows are read in pages so that one look through a long queue holds no more than this in memory.
const pageLength = 1_000;

/**
 * Looks through what stands still (paths and domains on hold, and queues longer than their messages live) for
 * messages whose lifetime has ended. What moves is left to its next attempt.
 */
export function expireQueued(work: {
  readonly store: DeliveryStore;
  readonly domains: Iterable<Domain>;
  readonly paths: Iterable<EgressPath>;
  readonly nowMs: number;
}): Expired {
  const settled: Settled[] = [];
  let missing = 0;
  const look = (queue: IdQueue, hold: Hold | null): void => {
    for (let left = queue.length; left > 0; left -= pageLength) {
      const ids = queue.take(Math.min(left, pageLength));
      const rows = work.store.messageRows(ids);
      missing += ids.length - rows.length;
      for (const row of rows) {
        if (row.expiresMs > work.nowMs) queue.push(row.id);
        else
          settled.push({
            settlement: settleExpired(row, hold?.last ?? null, work.nowMs),
            domain: row.domain,
          });
      }
    }
  };
  for (const domain of work.domains) if (domain.hold !== null) look(domain.pending, domain.hold);
  for (const path of work.paths) if (path.hold !== null) look(path.ready, path.hold);
  return { settled, missing };
}
