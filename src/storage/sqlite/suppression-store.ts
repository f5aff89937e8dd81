import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/index.ts';
import { domainOfAddress, suppressionKey } from '../../contacts/index.ts';
import type {
  SuppressionReason,
  SuppressionRecord,
  SuppressionRemoval,
  SuppressionStore,
} from '../../contacts/index.ts';
import { cursorText, readCursorText } from './cursor.ts';
import { numberOf, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';
import {
  inForce,
  lapse,
  pastSuppressionOf,
  suppressionColumns,
  suppressionOf,
  suppressionReasons,
} from './suppression-rows.ts';
import type { SuppressionRows } from './suppression-rows.ts';
import type { Writer } from './writer.ts';

const noReasons: { readonly [Reason in SuppressionReason]: number } = {
  unsubscribed: 0,
  complained: 0,
  bounced: 0,
  manual: 0,
  imported: 0,
};

const pageLimit = 1_000;
// As the port says: what a person reads about one address.
const historyLimit = 1_000;

export type SuppressionParts = {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly writer: Writer;
  readonly rows: SuppressionRows;
};

export function suppressionStore(parts: SuppressionParts): SuppressionStore {
  const { db, clock, writer, rows } = parts;
  const ofAddress = `(key = ? OR (key = ? AND scope = 'domain'))`;
  const has = db.prepare(
    `SELECT 1 FROM suppression WHERE ${ofAddress} AND (scope <> 'list' OR list = ?) AND ${inForce} LIMIT 1`,
  );
  const find = db.prepare(
    `SELECT ${suppressionColumns} FROM suppression WHERE ${ofAddress} AND ${inForce} ORDER BY at_ms, reason`,
  );
  const count = db.prepare(
    `SELECT reason, count(*) AS rows FROM suppression WHERE ${inForce} GROUP BY reason`,
  );
  const removals = db.prepare('SELECT * FROM suppression_removal WHERE key = ? ORDER BY at_ms, seq');
  const page = db.prepare(
    `SELECT ${suppressionColumns} FROM suppression
     WHERE (key, scope, list, reason) > (?, ?, ?, ?) AND reason = coalesce(?, reason) AND ${inForce}
     ORDER BY key, scope, list, reason LIMIT ?`,
  );
  return {
    add: (batch) => ({ added: writer.write(() => batch.filter((each) => rows.add(each)).length) }),
    remove: remover(parts),
    has: (address, list = '') =>
      has.get(suppressionKey(address), domainOfAddress(address), list, clock.now()) !== undefined,
    find: (address) =>
      find.all(suppressionKey(address), domainOfAddress(address), clock.now()).map(suppressionOf),
    history: historyReader(db, clock),
    removals: (address) => removals.all(suppressionKey(address)).map(removalOf),
    list({ reason, cursor, limit }) {
      const size = Math.min(Math.max(1, Math.trunc(limit)), pageLimit);
      const found = page.all(...readCursor(cursor), reason, clock.now(), size);
      const last = found.at(-1);
      const next = last === undefined || found.length < size ? null : cursorOf(last);
      return { items: found.map(suppressionOf), next };
    },
    count: () => ({
      ...noReasons,
      ...Object.fromEntries(
        count
          .all(clock.now())
          .map((row) => [wordOf(row, 'reason', suppressionReasons), numberOf(row, 'rows')]),
      ),
    }),
  };
}

function remover({ db, clock, writer, rows }: SuppressionParts): SuppressionStore['remove'] {
  const lift = db.prepare(
    `DELETE FROM suppression WHERE key = ? AND reason = coalesce(?, reason)
     AND scope = coalesce(?, scope) AND list = coalesce(?, list) RETURNING ${suppressionColumns}`,
  );
  const record = db.prepare(
    'INSERT INTO suppression_removal (key, address, reason, because, source, at_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return ({ address, reason, because, source, atMs }, reach = {}) =>
    writer.write(() => {
      const key = suppressionKey(address);
      const found = lift.all(key, reason, reach.scope ?? null, reach.list ?? null);
      const nowMs = clock.now();
      const lifted = found.filter((row) => lapse(row, nowMs) === null);
      for (const row of found) rows.bury(row, lapse(row, nowMs) ?? { by: 'lifted', atMs, because, source });
      if (lifted.length > 0) record.run(key, address, reason, because, source, atMs);
      return lifted.map(suppressionOf);
    });
}

function historyReader(db: DatabaseSync, clock: Clock): SuppressionStore['history'] {
  const ofAddress = `(key = ? OR (key = ? AND scope = 'domain'))`;
  const now = db.prepare(`SELECT ${suppressionColumns} FROM suppression WHERE ${ofAddress}`);
  const past = db.prepare(
    `SELECT * FROM suppression_past WHERE ${ofAddress} ORDER BY seq DESC LIMIT ${historyLimit}`,
  );
  return (address) => {
    const keys = [suppressionKey(address), domainOfAddress(address)] as const;
    const nowMs = clock.now();
    const present = now
      .all(...keys)
      .map((row): SuppressionRecord => ({ ...suppressionOf(row), ended: lapse(row, nowMs) }));
    const all = [
      ...past
        .all(...keys)
        .toReversed()
        .map(pastSuppressionOf),
      ...present,
    ];
    return all.toSorted((a, b) => a.atMs - b.atMs).slice(-historyLimit);
  };
}

function removalOf(row: Row): SuppressionRemoval {
  return {
    address: textOf(row, 'address'),
    reason: textOrNull(row, 'reason') === null ? null : wordOf(row, 'reason', suppressionReasons),
    because: textOf(row, 'because'),
    source: textOf(row, 'source'),
    atMs: numberOf(row, 'at_ms'),
  };
}

type Cursor = readonly [key: string, scope: string, list: string, reason: string];

function cursorOf(row: Row): string {
  return cursorText(['key', 'scope', 'list', 'reason'].map((column) => textOf(row, column)));
}

/** Where the page begins. */
function readCursor(cursor: string | null): Cursor {
  const [key = '', scope = '', list = '', reason = ''] =
    cursor === null ? [] : readCursorText(cursor, 'string');
  return [key, scope, list, reason];
}
