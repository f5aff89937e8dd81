import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { parseMailKey } from '../../outbox/index.ts';
import type { BodyPlace, MailFilter, MailPage, MailRecord, MailStore } from '../../outbox/index.ts';
import { addressTag } from './address-tag.ts';
import { cancelMessages } from './cancel-messages.ts';
import { cursorText, readCursorText } from './cursor.ts';
import { recordColumns, recordJoins, recordOf } from './mail-record.ts';
import { numberOf } from './row.ts';
import type { WritingParts } from './writing-parts.ts';

export type MailStoreParts = WritingParts & {
  /** null: it is no longer there. */
  readonly readBody: (place: BodyPlace) => Buffer | null;
};

// A filter that fits little reads no more than so many messages for one page, about 50 ms, and says where to go on.
const mostRead = 20_000;

export function mailStore(parts: MailStoreParts): MailStore {
  const { db, clock, writer, waiting } = parts;
  const byName = db.prepare(
    `SELECT ${recordColumns} FROM mail ${recordJoins} WHERE mail.name = ? ORDER BY message.id`,
  );
  const find = (id: string): readonly MailRecord[] => {
    const key = parseMailKey(id);
    if (key === null) return [];
    const records = byName.all(key.mail).map(recordOf);
    return key.position === null ? records : records.slice(key.position - 1, key.position);
  };
  return {
    find,
    list: (filter, { limit, cursor }) => list(db, filter, { limit, cursor }),
    cancel(id) {
      const ids = find(id).flatMap(({ messageId, state }) => (state === 'waiting' ? [messageId] : []));
      if (ids.length === 0) return 0;
      const cancelled = writer.write(() => cancelMessages(db, writer, { ids, atMs: clock.now() }));
      waiting.settled(cancelled);
      return cancelled;
    },
    body: (place) => parts.readBody(place),
  };
}

type Condition = { readonly sql: string; readonly value: SQLInputValue };

/** Conditions that SQLite decides; what it cannot look up by an index it reads through, newest first. */
function conditionsOf(filter: MailFilter): readonly Condition[] {
  const { domains, address, state, tag, sandbox, sinceMs, untilMs } = filter;
  const conditions: (Condition | null)[] = [
    domains === null
      ? null
      : { sql: 'campaign.domain IN (SELECT value FROM json_each(?))', value: JSON.stringify(domains) },
    address === undefined ? null : { sql: 'message.address = ? COLLATE NOCASE', value: address },
    state === undefined ? null : { sql: `coalesce(settled.state, 'waiting') = ?`, value: state },
    tag === undefined
      ? null
      : { sql: 'EXISTS (SELECT 1 FROM json_each(mail.tags) AS tag WHERE tag.value = ?)', value: tag },
    sandbox === undefined ? null : { sql: 'mail.sandbox = ?', value: Number(sandbox) },
    sinceMs === undefined ? null : { sql: 'mail.created_ms >= ?', value: sinceMs },
    untilMs === undefined ? null : { sql: 'mail.created_ms <= ?', value: untilMs },
  ];
  return conditions.filter((each) => each !== null);
}

type Wanted = { readonly limit: number; readonly cursor: string | null };

function list(db: DatabaseSync, filter: MailFilter, { limit, cursor }: Wanted): MailPage {
  const from = cursor === null ? newest : placeIn(cursor);
  const candidates =
    filter.address === undefined
      ? byTime(db, from)
      : toAddress(db, addressTag(filter.address), from.messageId);
  const conditions = conditionsOf(filter);
  const fits = conditions.map(({ sql }) => sql).join(' AND ');
  const rows = db.prepare(
    `SELECT ${recordColumns}, ${fits === '' ? '1' : `(${fits})`} AS fits FROM mail ${recordJoins}
       WHERE mail.id = ? AND message.id = ?`,
  );
  const messages: MailRecord[] = [];
  let read = 0;
  for (const { mailId, messageId } of candidates) {
    if (messages.length === limit || read === mostRead) {
      return { messages, next: cursorText([mailId, messageId]) };
    }
    read += 1;
    const row = rows.get(...conditions.map(({ value }) => value), mailId, messageId);
    if (row !== undefined && numberOf(row, 'fits') === 1) messages.push(recordOf(row));
  }
  return { messages, next: null };
}

type Candidate = { readonly mailId: number; readonly messageId: number };

const newest: Candidate = { mailId: Number.MAX_SAFE_INTEGER, messageId: Number.MAX_SAFE_INTEGER };

/** The first message of the page that a cursor stands for. */
function placeIn(cursor: string): Candidate {
  const [mailId = 0, messageId = 0] = readCursorText(cursor, 'number');
  return { mailId, messageId };
}

/** All messages of mails from a place on, newest first. Campaigns' messages among them are passed over, not read. */
function* byTime(db: DatabaseSync, from: Candidate): Generator<Candidate, undefined> {
  const mails = db.prepare(
    'SELECT id, first_id, messages FROM mail WHERE id <= ? ORDER BY id DESC LIMIT 200',
  );
  for (let fromMail = from.mailId; ;) {
    const page = mails.all(fromMail);
    if (page.length === 0) return undefined;
    for (const row of page) {
      const [mailId, first] = [numberOf(row, 'id'), numberOf(row, 'first_id')];
      const last = Math.min(first + numberOf(row, 'messages') - 1, from.messageId);
      for (let messageId = last; messageId >= first; messageId -= 1) yield { mailId, messageId };
      fromMail = mailId - 1;
    }
  }
}

function* toAddress(db: DatabaseSync, tag: number, from: number): Generator<Candidate, undefined> {
  const found = db.prepare(
    `SELECT message.mail_id, message.id FROM message_address AS found
     CROSS JOIN message ON message.id = found.message_id AND message.mail_id IS NOT NULL
     WHERE found.tag = ? AND found.message_id <= ? ORDER BY found.message_id DESC LIMIT ${mostRead + 1}`,
  );
  for (const row of found.all(tag, from))
    yield { mailId: numberOf(row, 'mail_id'), messageId: numberOf(row, 'id') };
  return undefined;
}
