import type { Hold } from './egress-path.ts';
import type { IdQueue } from './id-queue.ts';
import type { MessageRow, RowSource } from './ports.ts';
import { settleExpired } from './settle.ts';
import type { Settled } from './settler.ts';

/** Messages that stand still, and why. */
export type HeldQueue = { readonly queue: IdQueue; readonly hold: Hold };

export type Expired = {
  readonly settled: readonly Settled[];
  /** Ids that the store no longer knows as unsettled. */
  readonly missing: number;
};

// Rows are read in pages so that one look through a long queue holds no more than this in memory.
const pageLength = 1_000;

/** Looks through what stands still for messages whose lifetime has ended. What moves is left to its next attempt. */
export function expireQueued(work: {
  readonly rows: RowSource;
  readonly held: Iterable<HeldQueue>;
  readonly nowMs: number;
}): Expired {
  const settled: Settled[] = [];
  let missing = 0;
  for (const { queue, hold } of work.held) {
    for (let left = queue.length; left > 0; left -= pageLength) {
      const ids = queue.take(Math.min(left, pageLength));
      const rows = work.rows.messageRows(ids);
      missing += ids.length - rows.length;
      for (const row of rows.filter((each) => each.expiresMs > work.nowMs)) queue.push(row.id);
      const over = rows.filter((each) => each.expiresMs <= work.nowMs);
      settled.push(...over.map((row) => expired(row, hold, work.nowMs)));
    }
  }
  return { settled, missing };
}

function expired(row: MessageRow, hold: Hold, nowMs: number): Settled {
  return { settlement: settleExpired(row, hold.last, nowMs), domain: row.domain };
}
