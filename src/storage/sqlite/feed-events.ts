import type { DatabaseSync } from 'node:sqlite';
import type { MessageEvent, ReturnedEvent } from '../../events/index.ts';
import type { EventFacts, EventType, FeedEvent, Position } from '../../webhooks/index.ts';
import { eventOf, selectEvents } from './outcome-row.ts';
import { returnedOf } from './returned-row.ts';
import { numberOf, numberOrNull, textOf, textOrNull } from './row.ts';
import type { Row } from './row.ts';

/** A row of `feed`. */
export type FeedRow = {
  readonly seq: number;
  readonly what: string;
  readonly ref: number;
  readonly last: number | null;
  readonly aside: number | null;
};

/** A row that stands for the acceptance of all messages of a campaign. */
export type Opening = {
  readonly row: FeedRow;
  readonly campaignId: number;
  readonly domain: string;
};

/** Turns rows of the feed into what happened. A fact that is no longer on record is null. */
export type FeedEvents = {
  single(row: FeedRow): FeedEvent | null;
  opening(row: FeedRow): Opening | null;
  /** Its events behind `within`, no more than `limit`. */
  within(opening: Opening, within: number, limit: number): readonly FeedEvent[];
  timeOf(row: FeedRow): number | null;
};

const messageColumns = `message.id AS message_id, message.address AS recipient, campaign.id AS campaign_id,
  campaign.name AS campaign, campaign.domain AS sender_domain,
  coalesce(mail.created_ms, campaign.opened_ms, campaign.created_ms) AS accepted_ms, mail.name AS mail,
  message.id - mail.first_id + 1 AS number, mail.subject AS subject, mail.sandbox AS sandbox, mail.tags AS tags,
  mail.metadata AS metadata`;

const messageJoins = `JOIN campaign ON campaign.id = message.campaign_id
  LEFT JOIN mail ON mail.id = message.mail_id`;

export function feedEvents(db: DatabaseSync): FeedEvents {
  const message = db.prepare(`SELECT ${messageColumns} FROM message ${messageJoins} WHERE message.id = ?`);
  const event = db.prepare(`${selectEvents} WHERE seq = ?`);
  const returned = db.prepare('SELECT * FROM returned WHERE seq = ?');
  const newestEvent = db.prepare('SELECT max(seq) AS seq FROM event WHERE message_id = ?');
  const settled = db.prepare('SELECT state FROM settled WHERE message_id = ?');
  const opened = db.prepare(
    `SELECT ${messageColumns}, (SELECT at_ms FROM event WHERE event.message_id = message.id AND event.seq <= ?
       AND event.kind = 'suppressed') AS suppressed_ms
     FROM message ${messageJoins} WHERE message.id BETWEEN ? AND ? AND message.campaign_id = ?
     ORDER BY message.id LIMIT ?`,
  );

  const make = (position: Position, messageId: number, told: Told): FeedEvent | null => {
    const row = message.get(messageId);
    return row === undefined ? null : made(position, row, told);
  };

  const ofEvent = (position: Position, seq: number): FeedEvent | null => {
    const row = event.get(seq);
    if (row === undefined) return null;
    const happened = eventOf(row);
    const { messageId, atMs } = happened;
    const isLast = (): boolean => numberOf(newestEvent.get(messageId) ?? {}, 'seq') === seq;
    const state = (): string | null => {
      const found = settled.get(messageId);
      return found === undefined || !isLast() ? null : textOf(found, 'state');
    };
    return make(position, messageId, { type: typeOf(happened, state), atMs, facts: factsOf(happened) });
  };

  return {
    single(row) {
      const position: Position = { seq: row.seq, within: null };
      switch (row.what) {
        case 'a':
          return make(position, row.ref, { type: 'message.accepted', atMs: null, facts: null });
        case 'u':
          return make(position, row.ref, { type: 'message.unsubscribed', atMs: row.aside, facts: null });
        case 'e':
          return ofEvent(position, row.ref);
        case 'r': {
          const found = returned.get(row.ref);
          if (found === undefined) return null;
          const news = returnedOf(found);
          const type = news.kind === 'complained' ? 'message.complained' : 'message.bounced_later';
          return make(position, news.messageId ?? 0, { type, atMs: news.atMs, facts: returnedFacts(news) });
        }
        default:
          throw new Error(`a row of the feed is ${row.what}`);
      }
    },
    opening(row) {
      const first = message.get(row.ref);
      if (first === undefined) return null;
      const campaignId = numberOf(first, 'campaign_id');
      return { row, campaignId, domain: textOf(first, 'sender_domain') };
    },
    within({ row, campaignId }, within, limit) {
      const from = Math.max(row.ref, Math.ceil(within / 2));
      const found: FeedEvent[] = [];
      for (const each of opened.all(row.aside, from, row.last, campaignId, limit)) {
        found.push(...openedEvents(row.seq, each).filter(({ position }) => (position.within ?? 0) > within));
      }
      return found.slice(0, limit);
    },
    timeOf(row) {
      if (row.what === 'u') return row.aside;
      const [statement, column] =
        row.what === 'e'
          ? [event, 'at_ms']
          : row.what === 'r'
            ? [returned, 'at_ms']
            : [message, 'accepted_ms'];
      const found = statement.get(row.ref);
      return found === undefined ? null : numberOf(found, column);
    },
  };
}

/** Every message of a campaign is accepted, and some are suppressed at once. */
function openedEvents(seq: number, row: Row): readonly FeedEvent[] {
  const within = 2 * numberOf(row, 'message_id');
  const accepted = made({ seq, within }, row, { type: 'message.accepted', atMs: null, facts: null });
  const suppressedMs = numberOrNull(row, 'suppressed_ms');
  if (suppressedMs === null) return [accepted];
  // Told when the campaign opened, as the acceptance is, and not when the list was read.
  const told: Told = { type: 'message.suppressed', atMs: null, facts: null };
  return [accepted, made({ seq, within: within + 1 }, row, told)];
}

type Told = {
  readonly type: EventType;
  /** null: when the message was accepted. */
  readonly atMs: number | null;
  readonly facts: EventFacts | null;
};

function made(position: Position, row: Row, { type, atMs, facts }: Told): FeedEvent {
  const mail = textOrNull(row, 'mail');
  const campaign = textOf(row, 'campaign');
  const messageId = numberOf(row, 'message_id');
  return {
    position,
    type,
    atMs: atMs ?? numberOf(row, 'accepted_ms'),
    messageId,
    message: mail === null ? `${campaign}.${messageId.toString(36)}` : `${mail}.${numberOf(row, 'number')}`,
    mail,
    campaign: mail === null ? campaign : null,
    domain: textOf(row, 'sender_domain'),
    recipient: textOf(row, 'recipient'),
    subject: textOrNull(row, 'subject'),
    tags: stringsOf(textOrNull(row, 'tags')),
    metadata: recordOf(textOrNull(row, 'metadata')),
    facts,
  };
}

/**
 * What an event was to its message. Whether an attempt ended it is told by its state, once nothing came behind the
 * event; the event and that state are one transaction, so that the answer never changes.
 */
function typeOf({ kind, outcome }: MessageEvent, lastState: () => string | null): EventType {
  switch (kind) {
    case 'suppressed':
      return 'message.suppressed';
    case 'expired':
      return 'message.expired';
    case 'cancelled':
      return 'message.cancelled';
    case 'captured':
      return 'message.captured';
    case 'attempted': {
      if (outcome?.kind === 'delivered') return 'message.delivered';
      const state = lastState();
      if (state === 'bounced') return 'message.bounced';
      return state === 'expired' ? 'message.expired' : 'message.deferred';
    }
  }
}

const nothing: EventFacts = {
  host: null,
  address: null,
  source: null,
  replyCode: null,
  status: null,
  cause: null,
  said: null,
  verdict: null,
  detail: null,
  hardBounce: false,
  tls: null,
  feedbackType: null,
};

function factsOf({ outcome, reading }: MessageEvent): EventFacts | null {
  const read = {
    ...nothing,
    verdict: reading.verdict,
    detail: reading.detail,
    hardBounce: reading.hardBounce === true,
  };
  if (outcome === null) return reading.verdict === null && reading.detail === null ? null : read;
  const { host, address, source, tls } = outcome;
  const way = {
    ...read,
    host,
    address,
    source,
    tls: tls === null ? null : { version: tls.version, verified: tls.verified },
  };
  if (outcome.origin === 'local') return { ...way, cause: outcome.cause, said: outcome.text };
  const { code, status, lines } = outcome.reply;
  return { ...way, replyCode: code, status, said: lines.join('\n') };
}

function returnedFacts(news: ReturnedEvent): EventFacts {
  const { replyCode, status, said, remoteHost, feedbackType, reading, hardBounce } = news;
  const { verdict, detail } = reading;
  return { ...nothing, host: remoteHost, replyCode, status, said, verdict, detail, hardBounce, feedbackType };
}

function stringsOf(json: string | null): readonly string[] {
  const value: unknown = json === null ? [] : JSON.parse(json);
  return Array.isArray(value) ? value.map(String) : [];
}

function recordOf(json: string | null): Readonly<Record<string, string>> {
  const value: unknown = json === null ? {} : JSON.parse(json);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]));
}
