import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../base/index.ts';
import { suppressionKey } from '../../contacts/index.ts';
import type {
  Suppression,
  SuppressionReason,
  SuppressionRemoval,
  SuppressionStore,
} from '../../contacts/index.ts';
import { numberOf, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

const noReasons: { readonly [Reason in SuppressionReason]: number } = {
  unsubscribed: 0,
  complained: 0,
  bounced: 0,
  manual: 0,
  imported: 0,
};
const reasons = [
  'unsubscribed',
  'complained',
  'bounced',
  'manual',
  'imported',
] as const satisfies readonly (keyof typeof noReasons)[];

// As the port says: a bounce's reply or a ticket's number, not a letter.
const noteLimit = 500;
const pageLimit = 1_000;

const columns = 'key, reason, address, source, at_ms, note';

export function suppressionStore(db: DatabaseSync, writer: Writer): SuppressionStore {
  const insert = db.prepare(
    `INSERT INTO suppression (${columns}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const has = db.prepare('SELECT 1 FROM suppression WHERE key = ? LIMIT 1');
  const find = db.prepare(`SELECT ${columns} FROM suppression WHERE key = ? ORDER BY at_ms, reason`);
  const count = db.prepare('SELECT reason, count(*) AS rows FROM suppression GROUP BY reason');
  const removals = db.prepare('SELECT * FROM suppression_removal WHERE key = ? ORDER BY at_ms, seq');
  const page = db.prepare(
    `SELECT ${columns} FROM suppression
     WHERE (key, reason) > (?, ?) AND reason = coalesce(?, reason) ORDER BY key, reason LIMIT ?`,
  );
  return {
    add(batch) {
      const addOne = ({ address, reason, source, atMs, note }: Suppression): boolean =>
        insert.run(suppressionKey(address), reason, address, source, atMs, note.slice(0, noteLimit))
          .changes === 1;
      return { added: writer.write(() => batch.filter(addOne).length) };
    },
    remove: remover(db, writer),
    has: (address) => has.get(suppressionKey(address)) !== undefined,
    find: (address) => find.all(suppressionKey(address)).map(suppressionOf),
    removals: (address) => removals.all(suppressionKey(address)).map(removalOf),
    list({ reason, cursor, limit }) {
      const size = Math.min(Math.max(1, Math.trunc(limit)), pageLimit);
      const [key, after] = readCursor(cursor);
      const rows = page.all(key, after, reason, size);
      const last = rows.at(-1);
      const next = last === undefined || rows.length < size ? null : cursorOf(last);
      return { items: rows.map(suppressionOf), next };
    },
    count: () => ({
      ...noReasons,
      ...Object.fromEntries(
        count.all().map((row) => [wordOf(row, 'reason', reasons), numberOf(row, 'rows')]),
      ),
    }),
  };
}

function remover(db: DatabaseSync, writer: Writer): SuppressionStore['remove'] {
  const lift = db.prepare(
    `DELETE FROM suppression WHERE key = ? AND reason = coalesce(?, reason) RETURNING ${columns}`,
  );
  const record = db.prepare(
    'INSERT INTO suppression_removal (key, address, reason, because, source, at_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return ({ address, reason, because, source, atMs }) =>
    writer.write(() => {
      const key = suppressionKey(address);
      const lifted = lift.all(key, reason).map(suppressionOf);
      if (lifted.length > 0) record.run(key, address, reason, because, source, atMs);
      return lifted;
    });
}

function suppressionOf(row: Row): Suppression {
  return {
    address: textOf(row, 'address'),
    reason: wordOf(row, 'reason', reasons),
    source: textOf(row, 'source'),
    atMs: numberOf(row, 'at_ms'),
    note: textOf(row, 'note'),
  };
}

function removalOf(row: Row): SuppressionRemoval {
  return {
    address: textOf(row, 'address'),
    reason: textOrNull(row, 'reason') === null ? null : wordOf(row, 'reason', reasons),
    because: textOf(row, 'because'),
    source: textOf(row, 'source'),
    atMs: numberOf(row, 'at_ms'),
  };
}

function cursorOf(row: Row): string {
  return Buffer.from(JSON.stringify([textOf(row, 'key'), textOf(row, 'reason')])).toString('base64url');
}

/** The key and reason after which the page begins; cursors come back from strangers. */
function readCursor(cursor: string | null): readonly [string, string] {
  if (cursor === null) return ['', ''];
  const parsed = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (!Array.isArray(parsed) || typeof parsed[0] !== 'string' || typeof parsed[1] !== 'string') {
    throw new AppError({
      code: 'bad-cursor',
      message: { ja: 'カーソルが正しくありません', en: 'the cursor is not one that was given out' },
      hint: { ja: '最初のページから読み直してください', en: 'start again with the first page' },
    });
  }
  return [parsed[0], parsed[1]];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
