import type { DatabaseSync } from 'node:sqlite';
import type {
  FailureCounts,
  FailureFilter,
  FailureKind,
  FailureTally,
  ProviderOf,
} from '../../delivery/index.ts';
import { failureKinds } from '../../delivery/index.ts';
import { snapshot } from './database.ts';
import { attemptKind, filterClauses, recipientDomain } from './failure-filter.ts';
import type { FilterClauses } from './failure-filter.ts';
import { numberOf, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';

// Every offset of a time zone is a multiple of it, so days of any zone are whole buckets.
const bucketMs = 15 * 60 * 1000;

/** Numbers over the error history. Grouped in SQL over the index of failures; hosts and days are folded here. */
export function failureCounts(
  db: DatabaseSync,
  filter: FailureFilter,
  providerOf: ProviderOf,
): FailureCounts {
  return snapshot(db, () => {
    const clauses = filterClauses(db, filter, providerOf);
    const groups = groupsOf(db, clauses);
    const provided = groups.map((group) => ({ ...group, name: group.provider ?? providerOf(group) }));
    return {
      total: groups.reduce((sum, { count }) => sum + count, 0),
      byKind: tally(groups, ({ kind }) => kind),
      byVerdict: tally(groups, ({ verdict }) => verdict),
      byDomain: tally(groups, ({ domain }) => domain),
      byProvider: tally(provided, ({ name }) => name),
      byDay: daysOf(db, clauses),
    };
  });
}

type Group = {
  readonly kind: string;
  readonly verdict: string;
  readonly domain: string | null;
  readonly mxHost: string | null;
  readonly provider: string | null;
  readonly count: number;
};

/** The table to read from, in the order that suits: by time, or message by message. */
export function attemptsFrom({ byMessage }: FilterClauses): string {
  return `event INDEXED BY ${byMessage ? 'event_message' : 'event_failure'}`;
}

function groupsOf(db: DatabaseSync, clauses: FilterClauses): readonly Group[] {
  const { attempts, returned } = clauses;
  // Grouped by ids, which are small and in index and row head; the names come once for each group.
  const ofAttempts = db.prepare(
    `SELECT found.kind, found.verdict, domain.name AS domain, peer.host, NULL AS provider, sum(found.rows) AS count
     FROM (SELECT ${attemptKind} AS kind, event.verdict, message.domain_id, event.peer_id, count(*) AS rows
       FROM ${attemptsFrom(clauses)} CROSS JOIN message ON message.id = event.message_id
       WHERE ${attempts.sql.join(' AND ')} GROUP BY 1, 2, 3, 4) AS found
     JOIN domain ON domain.id = found.domain_id LEFT JOIN peer ON peer.id = found.peer_id
     GROUP BY 1, 2, 3, 4`,
  );
  const ofReturned = db.prepare(
    `SELECT returned.kind, returned.verdict, coalesce(domain.name, nullif(${recipientDomain}, '')) AS domain,
       returned.remote_host AS host, returned.provider, count(*) AS count
     FROM returned LEFT JOIN message ON message.id = returned.message_id
     LEFT JOIN domain ON domain.id = message.domain_id
     WHERE ${returned.sql.join(' AND ')} GROUP BY 1, 2, 3, 4, 5`,
  );
  const found = clauses.wantsAttempts ? ofAttempts.all(...attempts.parameters) : [];
  return [...found, ...ofReturned.all(...returned.parameters)].map(groupOf);
}

function groupOf(row: Row): Group {
  return {
    kind: textOf(row, 'kind'),
    verdict: textOf(row, 'verdict'),
    domain: textOrNull(row, 'domain'),
    mxHost: textOrNull(row, 'host'),
    provider: textOrNull(row, 'provider'),
    count: numberOf(row, 'count'),
  };
}

function tally<G extends { readonly count: number }>(
  groups: readonly G[],
  nameOf: (group: G) => string | null,
): FailureTally {
  const counts = new Map<string, number>();
  for (const group of groups) {
    const name = nameOf(group);
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + group.count);
  }
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

type Day = FailureCounts['byDay'][number];

const noKinds: { readonly [Kind in FailureKind]: number } = {
  bounced: 0,
  deferred: 0,
  expired: 0,
  'bounced-later': 0,
  'delay-notice': 0,
  complained: 0,
};

function daysOf(db: DatabaseSync, clauses: FilterClauses): FailureCounts['byDay'] {
  const { attempts, returned, needsMessage } = clauses;
  const message = needsMessage ? 'CROSS JOIN message ON message.id = event.message_id' : '';
  const ofAttempts = db.prepare(
    `SELECT event.at_ms / ${bucketMs} AS bucket, ${attemptKind} AS kind, count(*) AS count
     FROM ${attemptsFrom(clauses)} ${message} WHERE ${attempts.sql.join(' AND ')} GROUP BY 1, 2`,
  );
  const ofReturned = db.prepare(
    `SELECT returned.at_ms / ${bucketMs} AS bucket, returned.kind, count(*) AS count
     FROM returned LEFT JOIN message ON message.id = returned.message_id
     WHERE ${returned.sql.join(' AND ')} GROUP BY 1, 2`,
  );
  const days = new Map<string, Day>();
  const found = clauses.wantsAttempts ? ofAttempts.all(...attempts.parameters) : [];
  for (const row of [...found, ...ofReturned.all(...returned.parameters)]) {
    const day = localDay(numberOf(row, 'bucket') * bucketMs);
    const before = days.get(day) ?? { day, count: 0, ...noKinds };
    const kind = wordOf(row, 'kind', failureKinds);
    const count = numberOf(row, 'count');
    days.set(day, { ...before, count: before.count + count, [kind]: before[kind] + count });
  }
  return [...days.values()].toSorted((a, b) => (a.day < b.day ? -1 : 1));
}

/** `2026-01-02` where this machine is. */
function localDay(ms: number): string {
  // The Swedish way of writing a date is ISO 8601.
  return new Date(ms).toLocaleDateString('sv-SE');
}
