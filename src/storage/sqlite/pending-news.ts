import type { DatabaseSync } from 'node:sqlite';
import type { FinalState, MessageEvent } from '../../events/index.ts';
import { numberOf } from './row.ts';

/** Bounces that came before the delivery they speak of was settled: the connection broke, or the disk was slower. */
export type PendingNews = {
  /** Inside `write`: there is one now. */
  noted(): void;
  /**
   * Inside `write`, for a message that is about to end: its end as the news has it. A bounce that came after the
   * receiver took the mail is about that delivery; one from before it is about an earlier try.
   */
  endOf(event: MessageEvent, state: FinalState): FinalState;
};

export function pendingNews(db: DatabaseSync): PendingNews {
  const any = db.prepare(`SELECT 1 FROM returned WHERE effect = 'pending' LIMIT 1`);
  const find = db.prepare(
    `SELECT seq, at_ms FROM returned WHERE message_id = ? AND effect = 'pending' ORDER BY seq`,
  );
  const mark = db.prepare('UPDATE returned SET effect = ? WHERE seq = ?');
  // Almost always false: then a settlement costs what it did before there was any such thing.
  let mayBe = any.get() !== undefined;
  return {
    noted() {
      mayBe = true;
    },
    endOf(event, state) {
      if (!mayBe) return state;
      const rows = find.all(event.messageId);
      if (rows.length === 0) return state;
      const beganMs = event.atMs - (event.outcome?.durationMs ?? 0);
      const turning = rows.find((row) => state === 'delivered' && numberOf(row, 'at_ms') >= beganMs);
      for (const row of rows) mark.run(row === turning ? 'turned' : null, numberOf(row, 'seq'));
      return turning === undefined ? state : 'bounced';
    },
  };
}
