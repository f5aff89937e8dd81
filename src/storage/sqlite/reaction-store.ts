import type { DatabaseSync } from 'node:sqlite';
import { targetKey } from '../../delivery/index.ts';
import type { ReactionStore } from '../../delivery/index.ts';
import { eventParameters } from './outcome-row.ts';
import { insertReaction, reactionOf, reactionParameters } from './reaction-row.ts';
import { recordedReplies } from './recorded-replies.ts';
import { numberOf } from './row.ts';
import type { Writer } from './writer.ts';

// As the port says: a person reads no more.
const reactionsAtMost = 10_000;

export function reactionStore({
  db,
  writer,
}: {
  readonly db: DatabaseSync;
  readonly writer: Writer;
}): ReactionStore {
  const add = db.prepare(insertReaction);
  const fail = db.prepare(
    `INSERT INTO path_failure (at_ms, site, domain, provider, verdict, detail, rule, confidence, hard, outcome, scope,
       stage, peer_id, duration_ms, reply_code, status, cause, said)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const open = db.prepare(
    'SELECT * FROM reaction WHERE until_ms > ? AND until_ms IS NOT NULL AND ended_ms IS NULL ORDER BY seq',
  );
  const end = db.prepare('UPDATE reaction SET ended_ms = ?, ended_by = ? WHERE seq = ?');
  const since = db.prepare('SELECT * FROM reaction WHERE at_ms >= ? ORDER BY seq DESC LIMIT ?');
  return {
    record(reactions, failures) {
      writer.write(() => {
        for (const reaction of reactions) add.run(...reactionParameters(reaction));
        for (const { atMs, site, domain, provider, outcome, reading } of failures) {
          const event = { messageId: 0, atMs, kind: 'attempted' as const, outcome, reading };
          // Message, time and kind come first, and are not stored.
          const [, , , ...columns] = eventParameters(event, writer.peerOf(outcome));
          fail.run(atMs, site, domain, provider, ...columns);
        }
      });
    },
    inForce: (nowMs) => open.all(nowMs).map(reactionOf),
    lift(targets, atMs, by) {
      const keys = new Set(targets.map(targetKey));
      return writer.write(() => {
        const rows = open.all(atMs).filter((row) => keys.has(targetKey(reactionOf(row).target)));
        for (const row of rows) end.run(atMs, by, numberOf(row, 'seq'));
        return rows.length;
      });
    },
    since: (fromMs) => since.all(fromMs, reactionsAtMost).toReversed().map(reactionOf),
    replies: (fromMs) => recordedReplies(db, fromMs),
  };
}
