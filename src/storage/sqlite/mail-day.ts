import type { DatabaseSync } from 'node:sqlite';
import { newCampaignName } from '../../campaigns/index.ts';
import type { Content } from '../../compose/index.ts';
import type { Stream } from '../../events/index.ts';
import { numberOf, onlyRow } from './row.ts';

/** The campaign row that holds the applications' mail of one domain, stream and day (UTC). */
export type MailDay = { readonly domain: string; readonly stream: Stream; readonly nowMs: number };

/** So many messages of a day, with ids from `first` to `last`; those of other days may lie among them. */
export type AddedMessages = {
  readonly id: number;
  readonly first: number;
  readonly last: number;
  readonly count: number;
};

/** Rows for the days of mail; to be used in a transaction. */
export type MailDays = {
  /** The day's row, made when it is missing. One that was cancelled is followed by another. */
  idOf(day: MailDay, random: () => number): number;
  /** Messages were added; a row that was called finished is open again. */
  added(day: AddedMessages): void;
};

const dayMs = 24 * 60 * 60 * 1000;

/** Days since 1970-01-01, UTC. */
export function dayNumber(nowMs: number): number {
  return Math.floor(nowMs / dayMs);
}

// Its messages have bytes of their own.
const noContent: Content = { from: '', replyTo: null, subject: '', html: null, text: null, defaults: {} };

export function mailDays(db: DatabaseSync): MailDays {
  const find = db.prepare(
    `SELECT id FROM campaign WHERE mail_day = ? AND domain = ? AND stream IS ? AND state IN ('open', 'finished')
     ORDER BY id DESC LIMIT 1`,
  );
  const insert = db.prepare(
    `INSERT INTO campaign (name, state, content, domain, created_ms, opened_ms, lifetime_ms, columns, stream, mail_day)
     VALUES (?, 'open', ?, ?, ?, ?, ?, '[]', ?, ?) RETURNING id`,
  );
  const count = db.prepare(
    `UPDATE campaign SET state = 'open', accepted = accepted + ?, first_id = coalesce(first_id, ?), last_id = ?
     WHERE id = ?`,
  );
  return {
    idOf({ domain, stream, nowMs }, random) {
      const day = dayNumber(nowMs);
      const kept = stream === 'transactional' ? stream : null;
      const known = find.get(day, domain, kept);
      if (known !== undefined) return numberOf(known, 'id');
      const name = newCampaignName(nowMs, random);
      // Each mail has its own lifetime; the row's is what a reader without it may rely on.
      const made = insert.get(name, JSON.stringify(noContent), domain, nowMs, nowMs, dayMs, kept, day);
      return numberOf(onlyRow(made), 'id');
    },
    added({ id, first, last, count: messages }) {
      count.run(messages, first, last, id);
    },
  };
}
