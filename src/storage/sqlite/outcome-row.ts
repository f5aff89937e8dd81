import type { SQLInputValue } from 'node:sqlite';
import type {
  LocalCause,
  MessageEvent,
  Outcome,
  OutcomeKind,
  OutcomeScope,
  Stage,
  TlsFacts,
} from '../../events/index.ts';
import { numberOf, numberOrNull, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';

// A reply is kept because `why` shows the receiver's own words; 1,000 characters are twice the longest that the known
// providers send, and bound what a hostile server can make us store.
const saidLimit = 1_000;

/** The two ends of an attempt, stored once in `peer`. */
export type Peer = Pick<Outcome, 'host' | 'address' | 'source' | 'tls'>;

export const peerTable = {
  find: `SELECT id FROM peer WHERE host IS ? AND address IS ? AND source IS ?
         AND tls_version IS ? AND tls_cipher IS ? AND tls_verified IS ?`,
  insert:
    'INSERT INTO peer (host, address, source, tls_version, tls_cipher, tls_verified) VALUES (?, ?, ?, ?, ?, ?)',
  parameters: ({ host, address, source, tls }: Peer): readonly SQLInputValue[] => [
    host,
    address,
    source,
    tls?.version ?? null,
    tls?.cipher ?? null,
    tls === null ? null : Number(tls.verified),
  ],
} as const;

export const insertEvent = `INSERT INTO event (message_id, at_ms, kind, verdict, detail, rule, confidence,
  hard, outcome, scope, stage, peer_id, duration_ms, reply_code, status, cause, said)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Parameters of `insertEvent`. */
export function eventParameters(event: MessageEvent, peerId: number | null): SQLInputValue[] {
  const { verdict, detail, rule, confidence, hardBounce } = event.reading;
  const hard = hardBounce === true ? 1 : null;
  const head = [event.messageId, event.atMs, event.kind, verdict, detail, rule, confidence, hard];
  const outcome = event.outcome;
  if (outcome === null) return [...head, null, null, null, null, null, null, null, null, null];
  const { kind, scope, stage, durationMs } = outcome;
  const said =
    outcome.origin === 'remote' ? boundedLines(outcome.reply.lines) : bounded(outcome.text, saidLimit);
  return [
    ...head,
    kind,
    scope,
    stage,
    peerId,
    durationMs,
    outcome.origin === 'remote' ? outcome.reply.code : null,
    outcome.origin === 'remote' ? outcome.reply.status : null,
    outcome.origin === 'local' ? outcome.cause : null,
    // JSON, so that NUL and lone surrogates, which strangers can send, come back as they were.
    JSON.stringify(said),
  ];
}

function boundedLines(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let room = saidLimit;
  for (const line of lines) {
    if (kept.length > 0 && room <= 0) break;
    kept.push(bounded(line, room));
    // One for the line end, so that empty lines are bounded too.
    room -= line.length + 1;
  }
  return kept;
}

function bounded(text: string, limit: number): string {
  return text.length <= limit ? text : text.slice(0, limit);
}

/** Columns that `eventOf` reads; joins `event` with `peer`. */
export const selectEvents = `SELECT message_id, at_ms, kind, verdict, detail, rule, confidence, hard,
  outcome, scope, stage, duration_ms, reply_code, status, cause, said,
  host, address, source, tls_version, tls_cipher, tls_verified
  FROM event LEFT JOIN peer ON peer.id = event.peer_id`;

const eventKinds = ['attempted', 'captured', 'suppressed', 'expired', 'cancelled'] as const;
const outcomeKinds = [
  'delivered',
  'deferred',
  'refused',
  'unknown',
] as const satisfies readonly OutcomeKind[];
const scopes = [
  'recipient',
  'message',
  'session',
  'host',
  'site',
  'source',
] as const satisfies readonly OutcomeScope[];
const stages = [
  'route',
  'compose',
  'connect',
  'banner',
  'ehlo',
  'starttls',
  'mail',
  'rcpt',
  'data',
  'eom',
  'session',
] as const satisfies readonly Stage[];
// A record and not a list, so that a cause added to the union is a type error here.
const causes: { readonly [Cause in LocalCause]: Cause } = {
  'dns-nxdomain': 'dns-nxdomain',
  'dns-nodata': 'dns-nodata',
  'dns-null-mx': 'dns-null-mx',
  'dns-timeout': 'dns-timeout',
  'dns-servfail': 'dns-servfail',
  'mx-unresolvable': 'mx-unresolvable',
  'connect-refused': 'connect-refused',
  'connect-timeout': 'connect-timeout',
  'connect-unreachable': 'connect-unreachable',
  'connect-local': 'connect-local',
  'connection-lost': 'connection-lost',
  'reply-timeout': 'reply-timeout',
  'reply-malformed': 'reply-malformed',
  'tls-failed': 'tls-failed',
  'tls-too-old': 'tls-too-old',
  'tls-unavailable': 'tls-unavailable',
  'certificate-self-signed': 'certificate-self-signed',
  'certificate-untrusted': 'certificate-untrusted',
  'certificate-expired': 'certificate-expired',
  'certificate-name': 'certificate-name',
  'dane-mismatch': 'dane-mismatch',
  'dane-lookup-failed': 'dane-lookup-failed',
  'dane-absent': 'dane-absent',
  'sts-mx-mismatch': 'sts-mx-mismatch',
  'requiretls-unavailable': 'requiretls-unavailable',
  'size-exceeded': 'size-exceeded',
  'smtputf8-unavailable': 'smtputf8-unavailable',
  'compose-failed': 'compose-failed',
  'too-many-unknown': 'too-many-unknown',
  expired: 'expired',
  suppressed: 'suppressed',
  cancelled: 'cancelled',
};

/** The event as it was committed, its texts bounded. */
export function eventOf(row: Row): MessageEvent {
  return {
    messageId: numberOf(row, 'message_id'),
    atMs: numberOf(row, 'at_ms'),
    kind: wordOf(row, 'kind', eventKinds),
    outcome: row['outcome'] === null ? null : outcomeOf(row),
    reading: {
      verdict: textOrNull(row, 'verdict'),
      detail: textOrNull(row, 'detail'),
      rule: textOrNull(row, 'rule'),
      confidence: numberOf(row, 'confidence'),
      ...(row['hard'] === 1 ? { hardBounce: true } : {}),
    },
  };
}

function outcomeOf(row: Row): Outcome {
  const facts = {
    kind: wordOf(row, 'outcome', outcomeKinds),
    scope: wordOf(row, 'scope', scopes),
    stage: wordOf(row, 'stage', stages),
    host: textOrNull(row, 'host'),
    address: textOrNull(row, 'address'),
    source: textOrNull(row, 'source'),
    tls: tlsOf(row),
    durationMs: numberOf(row, 'duration_ms'),
  };
  const said: unknown = JSON.parse(textOf(row, 'said'));
  const code = numberOrNull(row, 'reply_code');
  if (code === null) {
    return {
      ...facts,
      origin: 'local',
      cause: wordOf(row, 'cause', Object.values(causes)),
      text: String(said),
    };
  }
  if (!Array.isArray(said)) throw new Error('a remote outcome holds no reply lines');
  return {
    ...facts,
    origin: 'remote',
    reply: { code, status: textOrNull(row, 'status'), lines: said.map(String) },
  };
}

function tlsOf(row: Row): TlsFacts | null {
  if (row['tls_version'] === null) return null;
  return {
    version: textOf(row, 'tls_version'),
    cipher: textOf(row, 'tls_cipher'),
    verified: numberOf(row, 'tls_verified') === 1,
  };
}
