import type { DatabaseSync } from 'node:sqlite';
import type { Observed } from '../../delivery/index.ts';
import { eventOf } from './outcome-row.ts';
import { numberOf, textOf, textOrNull } from './row.ts';
import type { Row } from './row.ts';

const outcomeColumns = `verdict, detail, rule, confidence, hard, outcome, scope, stage, duration_ms, reply_code, status,
  cause, said, host, peer.address AS address, source, tls_version, tls_cipher, tls_verified`;

// Events are committed within seconds of their time.
const disorderMs = 60_000;

/** Replies since, in the order of time: of messages, and of ways out for which no message had its turn. */
export function* recordedReplies(db: DatabaseSync, fromMs: number): Generator<Observed, undefined> {
  const first = firstSince(db, fromMs - disorderMs);
  const siteOf = sites(db, first);
  const events = db
    .prepare(
      `SELECT event.message_id, message.campaign_id, domain.name AS domain, event.at_ms, event.kind, ${outcomeColumns}
       FROM event CROSS JOIN message ON message.id = event.message_id
       CROSS JOIN domain ON domain.id = message.domain_id LEFT JOIN peer ON peer.id = event.peer_id
       WHERE event.seq >= ? AND event.at_ms >= ? AND event.outcome IS NOT NULL ORDER BY event.seq`,
    )
    .iterate(first, fromMs);
  const failures = db
    .prepare(
      `SELECT 0 AS message_id, 'attempted' AS kind, at_ms, domain, site, provider, ${outcomeColumns}
       FROM path_failure LEFT JOIN peer ON peer.id = path_failure.peer_id WHERE at_ms >= ? ORDER BY seq`,
    )
    .all(fromMs);
  let next = 0;
  for (const row of events) {
    const atMs = numberOf(row, 'at_ms');
    for (; next < failures.length; next++) {
      const failure = failures[next];
      if (failure === undefined || numberOf(failure, 'at_ms') > atMs) break;
      yield failureOf(failure, siteOf);
    }
    yield replyOf(row, siteOf);
  }
  for (const failure of failures.slice(next)) yield failureOf(failure, siteOf);
}

/** Binary search: rows are in the order of commit, and there is no index on their time. */
function firstSince(db: DatabaseSync, fromMs: number): number {
  const probe = db.prepare('SELECT at_ms FROM event WHERE seq >= ? ORDER BY seq LIMIT 1');
  const last = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM event').get();
  let [low, high] = [1, last === undefined ? 1 : numberOf(last, 'seq') + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = probe.get(middle);
    if (row === undefined || numberOf(row, 'at_ms') >= fromMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

type SiteOf = (domain: string, host: string | null) => string;

/** Hosts that serve the same domain are one site, as far as was seen; it is called by the first of their names. */
function sites(db: DatabaseSync, firstSeq: number): SiteOf {
  const pairs = db
    .prepare(
      `SELECT DISTINCT domain.name AS domain, peer.host AS host
       FROM event CROSS JOIN message ON message.id = event.message_id
       CROSS JOIN domain ON domain.id = message.domain_id CROSS JOIN peer ON peer.id = event.peer_id
       WHERE event.seq >= ? AND peer.host IS NOT NULL`,
    )
    .all(firstSeq)
    .map((row) => ({ domain: `@${textOf(row, 'domain')}`, host: textOf(row, 'host') }));
  const parents = new Map<string, string>();
  const find = (name: string): string => {
    let root = name;
    for (let up = parents.get(root); up !== undefined && up !== root; up = parents.get(root)) root = up;
    parents.set(name, root);
    return root;
  };
  for (const { domain, host } of pairs) parents.set(find(domain), find(host));
  const names = new Map<string, string>();
  for (const { host } of pairs.toSorted((a, b) => (a.host < b.host ? -1 : 1))) {
    const root = find(host);
    if (!names.has(root)) names.set(root, host);
  }
  return (domain, host) => names.get(find(host ?? `@${domain}`)) ?? host ?? domain;
}

function replyOf(row: Row, siteOf: SiteOf): Observed {
  const { messageId, atMs, outcome, reading } = eventOf(row);
  if (outcome === null) throw new Error('a reply without an outcome');
  const domain = textOf(row, 'domain');
  return {
    atMs,
    site: siteOf(domain, outcome.host),
    source: outcome.source,
    domain,
    provider: null,
    message: { id: messageId, campaignId: numberOf(row, 'campaign_id') },
    outcome,
    reading,
  };
}

function failureOf(row: Row, siteOf: SiteOf): Observed {
  const { atMs, outcome, reading } = eventOf(row);
  if (outcome === null) throw new Error('a failure without an outcome');
  const domain = textOf(row, 'domain');
  const { source } = outcome;
  const provider = textOrNull(row, 'provider');
  return {
    atMs,
    site: siteOf(domain, outcome.host),
    source,
    domain,
    provider,
    message: null,
    outcome,
    reading,
  };
}
