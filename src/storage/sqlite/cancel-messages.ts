import type { DatabaseSync } from 'node:sqlite';
import type { Writer } from './writer.ts';

/** Settles those of the messages that wait, inside a transaction; gives how many. */
export function cancelMessages(
  db: DatabaseSync,
  writer: Writer,
  { ids, atMs }: { readonly ids: readonly number[]; readonly atMs: number },
): number {
  const stopWaiting = db.prepare('DELETE FROM waiting WHERE message_id = ?');
  // A bounce that came before its delivery was settled has nothing to turn round any more.
  const forget = db.prepare(`UPDATE returned SET effect = NULL WHERE effect = 'pending' AND message_id = ?`);
  let cancelled = 0;
  for (const messageId of ids) {
    if (!writer.settle(messageId, 'cancelled', atMs)) continue;
    const reading = { verdict: null, detail: null, rule: 'local:cancelled', confidence: 1 };
    writer.addEvent({ messageId, atMs, kind: 'cancelled', outcome: null, reading });
    stopWaiting.run(messageId);
    forget.run(messageId);
    cancelled += 1;
  }
  return cancelled;
}
