import type { SQLInputValue } from 'node:sqlite';
import { suppressionKey } from '../../contacts/index.ts';
import type { ReturnedEvent, ReturnedKind, ReturnedMatch } from '../../events/index.ts';
import { numberOf, numberOrNull, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';

// As the event's type says; twice the longest reply that the known providers send.
const saidLimit = 1_000;
// Words of a mail that a stranger made up: no name or address is longer (RFC 5321 §4.5.3.1).
const wordLimit = 320;

export const insertReturned = `INSERT INTO returned (digest, kind, recipient_key, recipient, message_id, matched_by,
  trusted, effect, at_ms, verdict, detail, rule, confidence, hard, party, reply_code, status, said, remote_host,
  feedback_type, provider, via)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;

/** Parameters of `insertReturned`. */
export function returnedParameters(
  news: ReturnedEvent,
  effect: 'turned' | 'pending' | null,
): SQLInputValue[] {
  const { verdict, detail, rule, confidence } = news.reading;
  const recipient = bounded(news.recipient);
  return [
    news.digest,
    news.kind,
    recipient === null ? '' : suppressionKey(recipient),
    recipient,
    news.messageId,
    news.messageId === null ? null : news.matchedBy,
    Number(news.trusted),
    effect,
    news.atMs,
    verdict,
    detail,
    rule,
    confidence,
    Number(news.hardBounce),
    news.party,
    news.replyCode,
    bounded(news.status),
    // JSON, so that NUL and lone surrogates, which strangers can send, come back as they were.
    JSON.stringify(news.said.slice(0, saidLimit)),
    bounded(news.remoteHost),
    bounded(news.feedbackType),
    news.provider,
    news.via,
  ];
}

// SQLite would end a text at NUL, and has no word for a lone surrogate.
function bounded(text: string | null): string | null {
  return text === null ? null : text.slice(0, wordLimit).toWellFormed().replaceAll('\0', '\uFFFD');
}

const kinds: { readonly [Kind in ReturnedKind]: Kind } = {
  'bounced-later': 'bounced-later',
  'delay-notice': 'delay-notice',
  complained: 'complained',
  'auto-replied': 'auto-replied',
  answered: 'answered',
  'delivery-notice': 'delivery-notice',
  missed: 'missed',
  found: 'found',
  'test-sent': 'test-sent',
  'test-arrived': 'test-arrived',
  'test-missed': 'test-missed',
};
const matches = ['return-path', 'message-id', 'headers', 'link'] as const satisfies readonly ReturnedMatch[];
const doors = ['smtp', 'imap', 'maildir', 'file', 'web'] as const satisfies readonly ReturnedEvent['via'][];

/** The news as it was taken, its texts bounded. */
export function returnedOf(row: Row): ReturnedEvent {
  const said: unknown = JSON.parse(textOf(row, 'said'));
  return {
    kind: wordOf(row, 'kind', Object.values(kinds)),
    messageId: numberOrNull(row, 'message_id'),
    matchedBy: textOrNull(row, 'matched_by') === null ? null : wordOf(row, 'matched_by', matches),
    trusted: numberOf(row, 'trusted') === 1,
    recipient: textOrNull(row, 'recipient'),
    atMs: numberOf(row, 'at_ms'),
    digest: textOf(row, 'digest'),
    reading: {
      verdict: textOrNull(row, 'verdict'),
      detail: textOrNull(row, 'detail'),
      rule: textOrNull(row, 'rule'),
      confidence: numberOf(row, 'confidence'),
    },
    hardBounce: numberOf(row, 'hard') === 1,
    party: textOf(row, 'party'),
    replyCode: numberOrNull(row, 'reply_code'),
    status: textOrNull(row, 'status'),
    said: String(said),
    remoteHost: textOrNull(row, 'remote_host'),
    feedbackType: textOrNull(row, 'feedback_type'),
    provider: textOrNull(row, 'provider'),
    via: wordOf(row, 'via', doors),
  };
}
