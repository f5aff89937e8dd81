import type { DatabaseSync } from 'node:sqlite';
import { numberOf, onlyRow } from './row.ts';

/** The number of unsettled messages of open campaigns. Counting 1,000,000 takes 0.3 s, so the writer keeps it. */
export type WaitingCount = {
  read(): number;
  /** So many were settled by a transaction that is committed. */
  settled(count: number): void;
  /** So many were accepted by a transaction that is committed. */
  added(count: number): void;
  /** Campaigns opened or ended: count again. */
  reset(): void;
};

/** `isWriter`: nobody else writes, so what was counted stays true. */
export function waitingCount(db: DatabaseSync, isWriter: boolean): WaitingCount {
  const count = db.prepare(
    `SELECT count(*) AS waiting
     FROM campaign CROSS JOIN message ON message.id BETWEEN campaign.first_id AND campaign.last_id
       AND message.campaign_id = campaign.id
     LEFT JOIN settled ON settled.message_id = message.id
     WHERE campaign.state = 'open' AND settled.message_id IS NULL`,
  );
  let known: number | null = null;
  return {
    read() {
      const waiting = known ?? numberOf(onlyRow(count.get()), 'waiting');
      if (isWriter) known = waiting;
      return waiting;
    },
    settled(settledCount) {
      if (known !== null) known -= settledCount;
    },
    added(addedCount) {
      if (known !== null) known += addedCount;
    },
    reset() {
      known = null;
    },
  };
}
