import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Stream } from '../../events/index.ts';
import { mailMessageId } from '../../outbox/index.ts';
import type {
  Accepted,
  AcceptedMessage,
  NewMail,
  NewMailRecipient,
  OutboxStore,
  StorableMail,
  StoredMessage,
  StoreResult,
} from '../../outbox/index.ts';
import { addressTag } from './address-tag.ts';
import { idempotency } from './idempotency.ts';
import { mailDays } from './mail-day.ts';
import { suppressionReader } from './suppression-reader.ts';
import type { WritingParts } from './writing-parts.ts';

type Statements = { readonly [Name in keyof ReturnType<typeof statements>]: StatementSync };

/** What one call of `store` works with. */
type Batch = {
  readonly nowMs: number;
  readonly random: () => number;
  readonly reasonFor: (address: string) => string | null;
  /** Ids of the days, and the messages that were added to each: ids between, and how many. */
  readonly days: Map<string, Day>;
  waiting: number;
};
type Day = { readonly id: number; first: number; last: number; count: number };

function statements(db: DatabaseSync) {
  return {
    mail: db.prepare(
      `INSERT INTO mail (name, first_id, messages, via, owner, author, subject, sandbox, require_tls, message_id,
         tags, metadata, created_ms, not_before_ms, expires_ms)
       VALUES (?, (SELECT coalesce(max(id), 0) + 1 FROM message), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    body: db.prepare(
      `INSERT INTO mail_body (mail_id, number, segment, start, octets, eight_bit, smtp_utf8)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    message: db.prepare(
      `INSERT INTO message (campaign_id, domain_id, address, address_tag, variables, mail_id, body)
       VALUES (?, ?, ?, ?, '[]', ?, ?)`,
    ),
    address: db.prepare('INSERT INTO message_address (tag, message_id) VALUES (?, ?)'),
    wait: db.prepare(
      `INSERT INTO waiting (message_id, because, until_ms, attempts, unknowns) VALUES (?, 'scheduled', ?, 0, 0)`,
    ),
    submission: db.prepare(
      `INSERT INTO submission (message_id, submitter, envelope_id, original_recipient, notify, returns)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
  };
}

export function outboxStore(parts: WritingParts): OutboxStore {
  const { db, clock, writer, waiting } = parts;
  const sql = statements(db);
  const days = mailDays(db);
  const answers = idempotency(db);
  const reasons = suppressionReader(db);
  const one = mailWriter(parts, sql);

  const dayOf = (batch: Batch, domain: string, stream: Stream): Day => {
    const key = `${stream} ${domain}`;
    let day = batch.days.get(key);
    if (day === undefined) {
      day = {
        id: days.idOf({ domain, stream, nowMs: batch.nowMs }, batch.random),
        first: 0,
        last: 0,
        count: 0,
      };
      batch.days.set(key, day);
    }
    return day;
  };

  const request = (batch: Batch, storable: readonly StorableMail[]): StoreResult => {
    const mails = storable.map(({ mail }) => mail);
    // Asked again under the lock: an earlier request of the same batch may have come with the same key.
    const earlier = answers.earlier(mails, batch.nowMs);
    if (earlier === 'idempotency-conflict') return { kind: earlier };
    const accepted: Accepted[] = [];
    const stored: StoredMessage[] = [];
    for (const [at, each] of storable.entries()) {
      const known = earlier[at];
      if (known !== null && known !== undefined) {
        accepted.push(known);
        continue;
      }
      const day = dayOf(batch, each.mail.domain, each.mail.stream);
      const written = one(batch, each, day);
      accepted.push(written.accepted);
      stored.push(...written.waiting);
      answers.keep(mails, at, { mailId: written.mailId, nowMs: batch.nowMs });
    }
    return { kind: 'stored', accepted, waiting: stored };
  };

  return {
    earlier: (mails) => answers.earlier(mails, clock.now()),
    store(requests, random) {
      const nowMs = clock.now();
      const batch: Batch = { nowMs, random, reasonFor: reasons('', nowMs), days: new Map(), waiting: 0 };
      const results = writer.write(() => {
        const written = requests.map((each) => request(batch, each));
        for (const day of batch.days.values()) if (day.count > 0) days.added(day);
        return written;
      });
      waiting.added(batch.waiting);
      return results;
    },
  };
}

type Place = { readonly mailId: number; readonly dayId: number };
/** A message that nobody sends. */
type SettledAtOnce = {
  readonly id: number;
  readonly kind: 'captured' | 'suppressed';
  readonly reason: string | null;
  readonly atMs: number;
};

type Written = {
  readonly mailId: number;
  readonly accepted: Accepted;
  readonly waiting: readonly StoredMessage[];
};

/** Writes one mail with its messages, inside a transaction. */
function mailWriter(
  { writer }: WritingParts,
  sql: Statements,
): (batch: Batch, storable: StorableMail, day: Day) => Written {
  const settle = ({ id, kind, reason, atMs }: SettledAtOnce): void => {
    const reading = { verdict: null, detail: reason, rule: `local:${kind}`, confidence: 1 };
    writer.settle(id, kind === 'captured' ? 'delivered' : kind, atMs);
    writer.addEvent({ messageId: id, atMs, kind, outcome: null, reading });
  };

  const insertMessage = (mail: NewMail, recipient: NewMailRecipient, place: Place): number => {
    const tag = addressTag(recipient.address);
    const domain = writer.domains.idOf(recipient.domain);
    const row = sql.message.run(place.dayId, domain, recipient.address, tag, place.mailId, recipient.body);
    const id = Number(row.lastInsertRowid);
    sql.address.run(tag, id);
    if (mail.submitter !== null) sql.submission.run(id, ...noticeOf(mail.submitter, recipient));
    return id;
  };

  return (batch, { mail, places, messageId }, day) => {
    const { nowMs } = batch;
    const notBeforeMs = mail.notBeforeMs > nowMs ? mail.notBeforeMs : 0;
    // Counted from when it may first be sent: what is scheduled for next week has its days from then on.
    const expiresMs = Math.max(nowMs, notBeforeMs) + mail.lifetimeMs;
    const row = sql.mail.run(...mailParameters(mail, { messageId, nowMs, notBeforeMs, expiresMs }));
    const mailId = Number(row.lastInsertRowid);
    for (const [number, { segment, offset, octets }] of places.entries()) {
      const body = mail.bodies[number];
      sql.body.run(mailId, number, segment, offset, octets, Number(body?.eightBit), Number(body?.smtpUtf8));
    }
    const messages: AcceptedMessage[] = [];
    const waiting: StoredMessage[] = [];
    for (const [at, recipient] of mail.recipients.entries()) {
      const id = insertMessage(mail, recipient, { mailId, dayId: day.id });
      if (day.count === 0) day.first = id;
      day.last = id;
      day.count += 1;
      const reason = batch.reasonFor(recipient.address);
      const state = reason !== null ? 'suppressed' : mail.sandbox ? 'captured' : 'waiting';
      messages.push({ id: mailMessageId(mail.id, at + 1), address: recipient.address, state });
      if (state !== 'waiting') {
        settle({ id, kind: state, reason, atMs: nowMs });
        continue;
      }
      if (notBeforeMs > 0) sql.wait.run(id, notBeforeMs);
      const { domain } = recipient;
      const fresh = { attempts: 0, unknowns: 0, timezone: null } as const;
      waiting.push({ id, campaignId: day.id, stream: mail.stream, domain, notBeforeMs, expiresMs, ...fresh });
    }
    batch.waiting += waiting.length;
    return { mailId, accepted: { kind: 'accepted', id: mail.id, messages, repeated: false }, waiting };
  };
}

type MailFacts = {
  readonly messageId: string | null;
  readonly nowMs: number;
  readonly notBeforeMs: number;
  readonly expiresMs: number;
};

function mailParameters(mail: NewMail, facts: MailFacts): SQLInputValue[] {
  const { id, recipients, via, owner, author, subject, sandbox, requireTls, tags, metadata } = mail;
  return [
    id,
    recipients.length,
    via,
    owner,
    author,
    subject,
    Number(sandbox),
    Number(requireTls),
    facts.messageId,
    tags.length === 0 ? null : JSON.stringify(tags),
    Object.keys(metadata).length === 0 ? null : JSON.stringify(metadata),
    facts.nowMs,
    facts.notBeforeMs,
    facts.expiresMs,
  ];
}

/** Columns of `submission` behind the message's id. */
function noticeOf(
  { address, envelopeId, returns }: NonNullable<NewMail['submitter']>,
  { notice }: NewMailRecipient,
): SQLInputValue[] {
  // RFC 3461 §4.1: without NOTIFY, failures are told, and delays may be.
  const words = notice === null ? ['failure', 'delay'] : notice.notify;
  const notify = words === 'never' ? words : words.join(',');
  return [address, envelopeId, notice?.originalRecipient ?? null, notify, returns];
}
