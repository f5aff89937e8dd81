import type { DatabaseSync } from 'node:sqlite';
import type { PathHistory, PathHold, PathReply } from '../../delivery/index.ts';
import { numberOf, numberOrNull, textOf, textOrNull } from './row.ts';
import type { Row } from './row.ts';

const mostHolds = 10_000;
// No index leads from a host to its events; so many of the newest are read in 0.1 s.
const newestEvents = 200_000;
// Deliveries all sound alike: so many are read to find replies that differ.
const mostRead = 2_000;

/** What is on record of the ways out. */
export function pathHistory(db: DatabaseSync): PathHistory {
  const holds = db.prepare('SELECT * FROM path_hold ORDER BY site, source, domain LIMIT ?');
  const replies = db.prepare(
    `SELECT event.at_ms, event.outcome, event.stage, event.reply_code, event.said, event.verdict, peer.host, peer.source
     FROM event CROSS JOIN peer ON peer.id = event.peer_id AND peer.host IN (SELECT value FROM json_each(?))
     WHERE event.seq > (SELECT coalesce(max(seq), 0) FROM event) - ? AND event.outcome IS NOT NULL
     ORDER BY event.seq DESC LIMIT ?`,
  );
  return {
    holds: () => holds.all(mostHolds).map(holdOf),
    repliesFrom(hosts, limit) {
      const seen = new Map<string, PathReply>();
      for (const row of replies.iterate(JSON.stringify(hosts), newestEvents, mostRead)) {
        const reply = replyOf(row);
        const key = [reply.source, reply.outcome, reply.replyCode, reply.verdict].join('|');
        if (!seen.has(key)) seen.set(key, reply);
        if (seen.size === limit) break;
      }
      return [...seen.values()];
    },
  };
}

function holdOf(row: Row): PathHold {
  const source = textOf(row, 'source');
  return {
    site: textOf(row, 'site'),
    domain: textOf(row, 'domain'),
    source: source === '' ? null : source,
    because: textOf(row, 'because'),
    detail: textOf(row, 'detail'),
    untilMs: numberOf(row, 'until_ms'),
  };
}

function replyOf(row: Row): PathReply {
  const said: unknown = JSON.parse(textOrNull(row, 'said') ?? '""');
  return {
    atMs: numberOf(row, 'at_ms'),
    host: textOf(row, 'host'),
    source: textOrNull(row, 'source'),
    outcome: textOf(row, 'outcome'),
    stage: textOrNull(row, 'stage'),
    replyCode: numberOrNull(row, 'reply_code'),
    said: Array.isArray(said) ? said.join(' ') : String(said),
    verdict: textOrNull(row, 'verdict'),
  };
}
