import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Clock } from '../../base/index.ts';
import { domainOfAddress, suppressionKey } from '../../contacts/index.ts';
import type {
  NewSuppression,
  Suppression,
  SuppressionReason,
  SuppressionRecord,
  SuppressionScope,
} from '../../contacts/index.ts';
import { numberOf, numberOrNull, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';

export const suppressionReasons = [
  'unsubscribed',
  'complained',
  'bounced',
  'manual',
  'imported',
] as const satisfies readonly SuppressionReason[];
const scopes = ['address', 'list', 'domain'] as const satisfies readonly SuppressionScope[];
const ends = ['lapsed', 'replaced', 'lifted'] as const;

// As the port says: a bounce's reply or a ticket's number, not a letter.
const noteLimit = 500;

export const suppressionColumns =
  'key, scope, list, reason, address, source, at_ms, note, verdict, evidence, until_ms';

/** Rows that count now; one parameter, the time. */
export const inForce = '(until_ms IS NULL OR until_ms > ?)';

/** How a suppression came to no longer count. */
export type SuppressionEnd = NonNullable<SuppressionRecord['ended']>;

/** Single rows, inside a transaction of whoever calls. */
export type SuppressionRows = {
  /** false when the same reason is there for as long or longer. */
  add(suppression: NewSuppression): boolean;
  /** Keeps a row that was taken out of the table in the history. */
  bury(row: Row, end: SuppressionEnd): void;
};

/** What adds one row: to the list by hand or import, and by policy with the end of a message. */
export function suppressionRows(db: DatabaseSync, clock: Clock): SuppressionRows {
  const insert = db.prepare(
    `INSERT INTO suppression (${suppressionColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const takeOut = db.prepare(
    `DELETE FROM suppression WHERE key = ? AND scope = ? AND list = ? AND reason = ?
     AND until_ms < coalesce(?, 9223372036854775807) RETURNING ${suppressionColumns}`,
  );
  const keep = db.prepare(
    `INSERT INTO suppression_past (${suppressionColumns}, ended_by, ended_ms, because, ended_source)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const bury = (row: Row, end: SuppressionEnd): void => {
    const facts = suppressionColumns.split(', ').map((column) => row[column] ?? null);
    keep.run(...facts, end.by, end.atMs, end.because, end.source);
  };
  return {
    bury,
    add(suppression) {
      const parameters = parametersOf(suppression);
      if (insert.run(...parameters).changes === 1) return true;
      const [key = '', scope = '', list = '', reason = ''] = parameters;
      const untilMs = suppression.untilMs ?? null;
      const [shorter] = takeOut.all(key, scope, list, reason, untilMs);
      if (shorter === undefined) return false;
      bury(shorter, endOf(shorter, suppression, clock.now()));
      return insert.run(...parameters).changes === 1;
    },
  };
}

function endOf(row: Row, next: NewSuppression, nowMs: number): SuppressionEnd {
  const lapsed = lapse(row, nowMs);
  return lapsed ?? { by: 'replaced', atMs: next.atMs, because: '', source: next.source };
}

/** The end of a row whose time is over; null while it counts. */
export function lapse(row: Row, nowMs: number): SuppressionEnd | null {
  const untilMs = numberOrNull(row, 'until_ms');
  if (untilMs === null || untilMs > nowMs) return null;
  return { by: 'lapsed', atMs: untilMs, because: '', source: '' };
}

function parametersOf(suppression: NewSuppression): SQLInputValue[] {
  const { address, reason, source, atMs, note, scope = 'address', list = null } = suppression;
  if ((scope === 'list') !== (list !== null && list !== ''))
    throw new Error(`scope ${scope} of list ${list}`);
  const key = scope === 'domain' ? domainOfAddress(address) : suppressionKey(address);
  return [
    key,
    scope,
    list ?? '',
    reason,
    scope === 'domain' ? key : address,
    source,
    atMs,
    note.slice(0, noteLimit),
    suppression.verdict ?? null,
    suppression.evidence ?? null,
    suppression.untilMs ?? null,
  ];
}

export function suppressionOf(row: Row): Suppression {
  const list = textOf(row, 'list');
  return {
    address: textOf(row, 'address'),
    scope: wordOf(row, 'scope', scopes),
    list: list === '' ? null : list,
    reason: wordOf(row, 'reason', suppressionReasons),
    source: textOf(row, 'source'),
    atMs: numberOf(row, 'at_ms'),
    note: textOf(row, 'note'),
    verdict: textOrNull(row, 'verdict'),
    evidence: textOrNull(row, 'evidence'),
    untilMs: numberOrNull(row, 'until_ms'),
  };
}

/** A row of `suppression_past`. */
export function pastSuppressionOf(row: Row): SuppressionRecord {
  return {
    ...suppressionOf(row),
    ended: {
      by: wordOf(row, 'ended_by', ends),
      atMs: numberOf(row, 'ended_ms'),
      because: textOf(row, 'because'),
      source: textOf(row, 'ended_source'),
    },
  };
}
