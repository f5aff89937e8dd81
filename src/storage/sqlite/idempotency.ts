import type { DatabaseSync } from 'node:sqlite';
import type { Accepted, NewMail } from '../../outbox/index.ts';
import { mailMessageId } from '../../outbox/index.ts';
import { numberOf, textOf, wordOf } from './row.ts';
import type { Row } from './row.ts';

/** Answers that were given under an idempotency key. */
export type Idempotency = {
  /** By mail, null where there was none; a conflict when one of them came with other content before. */
  earlier(mails: readonly NewMail[], nowMs: number): readonly (Accepted | null)[] | 'idempotency-conflict';
  /** Inside `write`: the mail of that place in its request was stored. */
  keep(
    mails: readonly NewMail[],
    at: number,
    stored: { readonly mailId: number; readonly nowMs: number },
  ): void;
};

// As the API promises.
export const idempotencyMs = 24 * 60 * 60 * 1000;

const states = ['waiting', 'suppressed', 'captured'] as const;

export function idempotency(db: DatabaseSync): Idempotency {
  const find = db.prepare(
    `SELECT mail_id, fingerprint FROM idempotency WHERE owner = ? AND key = ? AND position = ? AND at_ms > ?`,
  );
  const keep = db.prepare(
    `INSERT INTO idempotency (owner, key, position, fingerprint, mail_id, at_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint, mail_id = excluded.mail_id, at_ms = excluded.at_ms`,
  );
  // What was answered then, whatever became of the messages since.
  const answered = db.prepare(
    `SELECT mail.name, message.id - mail.first_id + 1 AS position, message.address,
       CASE WHEN mail.sandbox = 1 AND settled.state IS 'delivered' THEN 'captured'
         WHEN settled.state IS 'suppressed' THEN 'suppressed' ELSE 'waiting' END AS state
     FROM mail CROSS JOIN message ON message.id BETWEEN mail.first_id AND mail.first_id + mail.messages - 1
     LEFT JOIN settled ON settled.message_id = message.id
     WHERE mail.id = ? ORDER BY message.id`,
  );
  return {
    earlier(mails, nowMs) {
      const found: (Accepted | null)[] = [];
      for (const [at, { owner, idempotency: given }] of mails.entries()) {
        const row =
          given === null
            ? undefined
            : find.get(owner, given.key, positionOf(mails, at), nowMs - idempotencyMs);
        if (row !== undefined && textOf(row, 'fingerprint') !== given?.fingerprint)
          return 'idempotency-conflict';
        found.push(row === undefined ? null : acceptedOf(answered.all(numberOf(row, 'mail_id'))));
      }
      return found;
    },
    keep(mails, at, { mailId, nowMs }) {
      const mail = mails[at];
      if (mail === undefined || mail.idempotency === null) return;
      const { key, fingerprint } = mail.idempotency;
      keep.run(mail.owner, key, positionOf(mails, at), fingerprint, mailId, nowMs);
    },
  };
}

/** Which of the mails of a request that share its key this one is. */
function positionOf(mails: readonly NewMail[], at: number): number {
  const key = mails[at]?.idempotency?.key;
  if (mails.length === 1) return 0;
  let position = 0;
  for (let index = 0; index < at; index += 1) if (mails[index]?.idempotency?.key === key) position += 1;
  return position;
}

/** null: the mail is no longer on record. */
function acceptedOf(rows: readonly Row[]): Accepted | null {
  const [first] = rows;
  if (first === undefined) return null;
  const id = textOf(first, 'name');
  const messages = rows.map((row) => ({
    id: mailMessageId(id, numberOf(row, 'position')),
    address: textOf(row, 'address'),
    state: wordOf(row, 'state', states),
  }));
  return { kind: 'accepted', id, messages, repeated: true };
}
