import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Failure, FailureFilter, FailureStore, ProviderOf } from '../../delivery/index.ts';
import { cursorText, readCursorText } from './cursor.ts';
import { snapshot } from './database.ts';
import { attemptsFrom, failureCounts } from './failure-counts.ts';
import { filterClauses } from './failure-filter.ts';
import type { Where } from './failure-filter.ts';
import { attemptColumns, attemptJoins, failureOf, returnedColumns, returnedJoins } from './failure-row.ts';
import { numberOf } from './row.ts';
import type { Row } from './row.ts';

const pageLimit = 1_000;

/** Where a page begins: time, table (1: returned), seq; each descending. */
type Place = readonly [atMs: number, isReturned: number, seq: number];

/** The error history: attempts that failed and news that came back, one order of time over both. */
export function failureStore(db: DatabaseSync): FailureStore {
  return {
    counts: (filter, providerOf) => failureCounts(db, filter, providerOf),
    page(filter, { cursor, limit, providerOf }) {
      const size = Math.min(Math.max(1, Math.trunc(limit)), pageLimit);
      const rows = snapshot(db, () => rowsOf(db, { filter, providerOf, after: readPlace(cursor), size }));
      const items: Failure[] = rows.slice(0, size).map((row) => failureOf(row, providerOf));
      const last = rows[size - 1];
      const next = rows.length <= size || last === undefined ? null : cursorText(placeOf(last));
      return { items, next };
    },
  };
}

type Question = {
  readonly filter: FailureFilter;
  readonly providerOf: ProviderOf;
  readonly after: Place;
  readonly size: number;
};

/** One more than the page, so that its end is known. */
function rowsOf(db: DatabaseSync, { filter, providerOf, after, size }: Question): readonly Row[] {
  const clauses = filterClauses(db, filter, providerOf);
  const [atMs, isReturned, seq] = after;
  const attempts = db.prepare(
    `SELECT ${attemptColumns} FROM ${attemptsFrom(clauses)} ${attemptJoins}
     WHERE ${clauses.attempts.sql.join(' AND ')}
       AND event.at_ms <= ? AND (event.at_ms < ? OR ? OR event.seq < ?)
     ORDER BY event.at_ms DESC, event.seq DESC LIMIT ?`,
  );
  const returned = db.prepare(
    `SELECT ${returnedColumns} FROM returned ${returnedJoins}
     WHERE ${clauses.returned.sql.join(' AND ')}
       AND returned.at_ms <= ? AND (returned.at_ms < ? OR (? AND returned.seq < ?))
     ORDER BY returned.at_ms DESC, returned.seq DESC LIMIT ?`,
  );
  const bind = (where: Where): SQLInputValue[] => [
    ...where.parameters,
    atMs,
    atMs,
    isReturned,
    seq,
    size + 1,
  ];
  const found = [
    ...(clauses.wantsAttempts ? attempts.all(...bind(clauses.attempts)) : []),
    ...returned.all(...bind(clauses.returned)),
  ];
  return found.toSorted((a, b) => compare(placeOf(b), placeOf(a))).slice(0, size + 1);
}

function placeOf(row: Row): Place {
  return [numberOf(row, 'at_ms'), numberOf(row, 'is_returned'), numberOf(row, 'seq')];
}

function compare(a: Place, b: Place): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function readPlace(cursor: string | null): Place {
  if (cursor === null) return [Number.MAX_SAFE_INTEGER, 1, Number.MAX_SAFE_INTEGER];
  const [atMs, isReturned, seq] = readCursorText(cursor, 'number');
  return [atMs ?? 0, isReturned ?? 0, seq ?? 0];
}
