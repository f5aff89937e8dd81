import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { domainOfAddress, suppressionKey } from '../../contacts/index.ts';
import type { FailureFilter, FailureKind, ProviderOf } from '../../delivery/index.ts';
import { addressTag } from './address-tag.ts';
import { numberOf, onlyRow, textOf, textOrNull } from './row.ts';

/** Conditions that must all hold, and their parameters in order. */
export type Where = { readonly sql: readonly string[]; readonly parameters: readonly SQLInputValue[] };

/** A filter as conditions over `event` joined with `message`, and over `returned` left-joined with it. */
export type FilterClauses = {
  readonly attempts: Where;
  readonly returned: Where;
  /** The messages are few and known: to be looked up one by one, not through time. */
  readonly byMessage: boolean;
  /** Something of the message's row is asked for. */
  readonly needsMessage: boolean;
  /** Whether attempts can be what is asked for at all; else nobody reads a million of them. */
  readonly wantsAttempts: boolean;
};

type Condition = {
  readonly attempts: readonly [sql: string, ...parameters: SQLInputValue[]];
  readonly returned: readonly [sql: string, ...parameters: SQLInputValue[]];
};

/** What an event with a verdict is in the error history. */
export const attemptKind = `CASE WHEN event.kind = 'expired' THEN 'expired'
  WHEN event.outcome = 'refused' THEN 'bounced' ELSE 'deferred' END`;

export function filterClauses(
  db: DatabaseSync,
  filter: FailureFilter,
  providerOf: ProviderOf,
): FilterClauses {
  const conditions: readonly Condition[] = [
    always(filter),
    ...time(filter),
    ...verdict(filter),
    ...(filter.address === null ? [] : [ofAddress(db, filter.address)]),
    ...(filter.campaignId === null ? [] : [ofCampaign(db, filter.campaignId)]),
    ...(filter.domain === null ? [] : [ofDomain(db, filter.domain)]),
    ...(filter.provider === null ? [] : [ofProvider(db, filter.provider, providerOf)]),
  ];
  return {
    attempts: whereOf(conditions.map((each) => each.attempts)),
    returned: whereOf(conditions.map((each) => each.returned)),
    byMessage: filter.address !== null,
    wantsAttempts: filter.kinds.length === 0 || attemptKinds.some((kind) => filter.kinds.includes(kind)),
    needsMessage: filter.domain !== null || filter.provider !== null || filter.campaignId !== null,
  };
}

function whereOf(parts: readonly Condition['attempts'][]): Where {
  return {
    sql: parts.map(([sql]) => sql),
    parameters: parts.flatMap(([, ...parameters]) => parameters),
  };
}

const attemptKinds: readonly FailureKind[] = ['bounced', 'deferred', 'expired'];
const returnedKinds: readonly FailureKind[] = ['bounced-later', 'delay-notice', 'complained'];

function always({ kinds, unproved }: FailureFilter): Condition {
  const wanted = (all: readonly FailureKind[]): string =>
    JSON.stringify(kinds.length === 0 ? all : all.filter((kind) => kinds.includes(kind)));
  return {
    attempts: [
      `event.verdict IS NOT NULL AND ${attemptKind} IN (SELECT value FROM json_each(?))`,
      wanted(attemptKinds),
    ],
    returned: [
      `returned.verdict IS NOT NULL AND returned.kind IN (SELECT value FROM json_each(?))
       AND (returned.trusted = 1 OR ?)`,
      wanted(returnedKinds),
      Number(unproved),
    ],
  };
}

function time({ sinceMs, untilMs }: FailureFilter): readonly Condition[] {
  const since: readonly Condition[] =
    sinceMs === null
      ? []
      : [{ attempts: ['event.at_ms >= ?', sinceMs], returned: ['returned.at_ms >= ?', sinceMs] }];
  if (untilMs === null) return since;
  return [...since, { attempts: ['event.at_ms < ?', untilMs], returned: ['returned.at_ms < ?', untilMs] }];
}

function verdict(filter: FailureFilter): readonly Condition[] {
  if (filter.verdict === null) return [];
  return [
    {
      attempts: ['event.verdict = ?', filter.verdict],
      returned: ['returned.verdict = ?', filter.verdict],
    },
  ];
}

function ofAddress(db: DatabaseSync, address: string): Condition {
  const key = suppressionKey(address);
  const found = db.prepare(
    `SELECT message.id, message.address FROM message_address
     CROSS JOIN message ON message.id = message_address.message_id WHERE tag = ?`,
  );
  const ids: number[] = [];
  for (const row of found.iterate(addressTag(address))) {
    if (suppressionKey(textOf(row, 'address')) === key) ids.push(numberOf(row, 'id'));
  }
  const list = JSON.stringify(ids);
  return {
    attempts: ['event.message_id IN (SELECT value FROM json_each(?))', list],
    returned: [
      '(returned.message_id IN (SELECT value FROM json_each(?)) OR returned.recipient_key = ?)',
      list,
      key,
    ],
  };
}

function ofCampaign(db: DatabaseSync, campaignId: number): Condition {
  const row = onlyRow(
    db
      .prepare(
        `SELECT coalesce(max(created_ms), 0) AS created_ms, coalesce(max(first_id), 0) AS first_id,
           coalesce(max(last_id), 0) AS last_id FROM campaign WHERE id = ?`,
      )
      .get(campaignId),
  );
  const createdMs = numberOf(row, 'created_ms');
  const range = [numberOf(row, 'first_id'), numberOf(row, 'last_id')] as const;
  return {
    // Nothing of it happened before it was there; and its ids are in the index, its rows are not.
    attempts: [
      'event.at_ms >= ? AND event.message_id BETWEEN ? AND ? AND message.campaign_id = ?',
      createdMs,
      ...range,
      campaignId,
    ],
    returned: ['message.campaign_id = ?', campaignId],
  };
}

function ofDomain(db: DatabaseSync, name: string): Condition {
  const domain = domainOfAddress(name);
  const row = db.prepare('SELECT id FROM domain WHERE name = ?').get(domain);
  const id = row === undefined ? null : numberOf(row, 'id');
  return {
    attempts: ['message.domain_id = ?', id],
    returned: [
      `(message.domain_id = ? OR (returned.message_id IS NULL AND ${recipientDomain} = ?))`,
      id,
      domain,
    ],
  };
}

/** The domain of a recipient that matches no message; local parts can hold an `@` in quotes, but hardly ever do. */
export const recipientDomain = `substr(returned.recipient_key, instr(returned.recipient_key, '@') + 1)`;

/** The host decides first, as in the knowledge base: so some hosts, or some domains at hosts that say nothing. */
function ofProvider(db: DatabaseSync, provider: string, providerOf: ProviderOf): Condition {
  const hosts = db.prepare('SELECT id, host FROM peer').all();
  const byHost = (wanted: string | null): string =>
    JSON.stringify(
      hosts
        .filter((row) => providerOf({ mxHost: textOrNull(row, 'host'), domain: null }) === wanted)
        .map((row) => numberOf(row, 'id')),
    );
  const domains = db
    .prepare('SELECT id, name FROM domain')
    .all()
    .filter((row) => providerOf({ mxHost: null, domain: textOf(row, 'name') }) === provider);
  const domainIds = JSON.stringify(domains.map((row) => numberOf(row, 'id')));
  return {
    attempts: [
      `(event.peer_id IN (SELECT value FROM json_each(?))
        OR ((event.peer_id IS NULL OR event.peer_id IN (SELECT value FROM json_each(?)))
          AND message.domain_id IN (SELECT value FROM json_each(?))))`,
      byHost(provider),
      byHost(null),
      domainIds,
    ],
    returned: [
      `(returned.provider = ? OR (returned.provider IS NULL
        AND message.domain_id IN (SELECT value FROM json_each(?))))`,
      provider,
      domainIds,
    ],
  };
}
