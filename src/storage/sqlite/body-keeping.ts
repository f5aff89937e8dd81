import type { DatabaseSync } from 'node:sqlite';
import type { KeepingStore, PlacedBody } from '../../outbox/index.ts';
import { idempotencyMs } from './idempotency.ts';
import { placeOf } from './mail-record.ts';
import { numberOf, onlyRow } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

/** Which bodies are still wanted, by segment. */
export function bodyKeeping(db: DatabaseSync, writer: Writer): KeepingStore {
  // In the order of acceptance: everything behind the first that is too young is younger still.
  const old = db.prepare(
    `SELECT mail_body.mail_id, mail_body.number,
       EXISTS (
         SELECT 1 FROM message LEFT JOIN settled ON settled.message_id = message.id
         WHERE message.id BETWEEN mail.first_id AND mail.first_id + mail.messages - 1
           AND message.body = mail_body.number AND (settled.message_id IS NULL OR settled.at_ms > ?)) AS wanted
     FROM mail_body CROSS JOIN mail ON mail.id = mail_body.mail_id
     WHERE mail_body.segment = ? AND (mail_body.mail_id, mail_body.number) > (?, ?) AND mail.created_ms <= ?
     ORDER BY mail_body.mail_id, mail_body.number LIMIT ?`,
  );
  const forget = db.prepare('UPDATE mail_body SET segment = NULL WHERE mail_id = ? AND number = ?');
  const rest = db.prepare(
    'SELECT count(*) AS bodies, coalesce(sum(octets), 0) AS octets FROM mail_body WHERE segment = ?',
  );
  const within = db.prepare(
    `SELECT mail_id, number, segment, start, octets FROM mail_body WHERE segment = ? ORDER BY mail_id LIMIT ?`,
  );
  const move = db.prepare(
    'UPDATE mail_body SET segment = ?, start = ? WHERE mail_id = ? AND number = ? AND segment = ?',
  );
  const prune = db.prepare(
    `DELETE FROM idempotency WHERE (owner, key, position) IN
       (SELECT owner, key, position FROM idempotency WHERE at_ms <= ? LIMIT ?)`,
  );
  return {
    forgetOld({ segment, after, settledBeforeMs, limit }) {
      const { mailId, number } = after;
      const rows = old.all(settledBeforeMs, segment, mailId, number, settledBeforeMs, limit);
      const unwanted = rows.filter((row) => numberOf(row, 'wanted') === 0);
      if (unwanted.length > 0)
        writer.write(() => {
          for (const row of unwanted) forget.run(numberOf(row, 'mail_id'), numberOf(row, 'number'));
        });
      const last = rows.at(-1);
      if (last === undefined || rows.length < limit) return null;
      return { mailId: numberOf(last, 'mail_id'), number: numberOf(last, 'number') };
    },
    left(segment) {
      const row = onlyRow(rest.get(segment));
      return { bodies: numberOf(row, 'bodies'), octets: numberOf(row, 'octets') };
    },
    bodiesIn: (segment, limit) => within.all(segment, limit).flatMap((row) => placed(row) ?? []),
    moved(bodies) {
      writer.write(() => {
        for (const { from, to } of bodies)
          move.run(to.segment, to.offset, from.mailId, from.number, from.place.segment);
      });
    },
    lose(bodies) {
      writer.write(() => {
        for (const { mailId, number } of bodies) forget.run(mailId, number);
      });
    },
    pruneAnswers: (nowMs, limit) =>
      writer.write(() => Number(prune.run(nowMs - idempotencyMs, limit).changes)) === limit,
  };
}

function placed(row: Row): PlacedBody | null {
  const place = placeOf(row);
  return place === null ? null : { mailId: numberOf(row, 'mail_id'), number: numberOf(row, 'number'), place };
}
