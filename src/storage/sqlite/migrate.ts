import type { DatabaseSync } from 'node:sqlite';
import { AppError, StorageFull } from '../../base/index.ts';
import { transaction } from './database.ts';
import type { Migration } from './migrations/index.ts';
import { numberOf, onlyRow, textOf } from './row.ts';
import type { Row } from './row.ts';
import { storageError } from './storage-errors.ts';

/** What the schema of a file is brought to, and by whom. */
export type SchemaTarget = {
  readonly folder: string;
  readonly migrations: readonly Migration[];
  /** Version of this Todoku, recorded beside what it applies: an older one names it when it refuses. */
  readonly version: string;
  readonly nowMs: number;
};

/** `current`: nothing to do. `older`: `migrate` will mend it. */
export type SchemaAge = 'current' | 'older';

const historyTable = `
CREATE TABLE IF NOT EXISTS migration (
  number     INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  breaking   INTEGER NOT NULL,
  applied_ms INTEGER NOT NULL,
  version    TEXT NOT NULL  -- the Todoku that applied it
) STRICT`;

/** Compares the file with what this Todoku knows; throws an `AppError` when a newer one wrote it, or something else. */
export function schemaAge(db: DatabaseSync, target: SchemaTarget): SchemaAge {
  const newest = target.migrations.at(-1)?.number ?? 0;
  const applied = appliedNumber(db, target.folder);
  if (applied > newest) throw newerSchema(db, target, applied);
  return applied === newest ? 'current' : 'older';
}

/**
 * Applies what is missing, each in a transaction of its own; one that fails leaves the state before it. A new file gets everything
 * in one: whoever reads it sees the whole schema or none, also after a crash.
 */
export function migrate(db: DatabaseSync, target: SchemaTarget): void {
  if (schemaAge(db, target) === 'current') return;
  const applied = appliedNumber(db, target.folder);
  const missing = target.migrations.filter(({ number }) => number > applied);
  const steps = applied === 0 ? [missing] : missing.map((migration) => [migration]);
  for (const step of steps) apply(db, step, target);
}

function apply(db: DatabaseSync, step: readonly Migration[], target: SchemaTarget): void {
  let at = step[0];
  try {
    transaction(db, () => {
      for (at of step) applyOne(db, at, target);
    });
  } catch (error) {
    const told = storageError(error, target.folder);
    throw told instanceof StorageFull || at === undefined ? told : failedMigration(at, target, error);
  }
}

function applyOne(db: DatabaseSync, migration: Migration, target: SchemaTarget): void {
  db.exec(historyTable);
  db.exec(migration.sql);
  db.prepare('INSERT INTO migration VALUES (?, ?, ?, ?, ?)').run(
    migration.number,
    migration.name,
    migration.breaking ? 1 : 0,
    target.nowMs,
    target.version,
  );
  // Beside the table, so that the age is known without reading it. The pragma takes no parameters.
  db.exec(`PRAGMA user_version = ${migration.number}`);
}

/** Highest number applied; 0 for an empty file. */
function appliedNumber(db: DatabaseSync, folder: string): number {
  const stamp = numberOf(onlyRow(db.prepare('PRAGMA user_version').get()), 'user_version');
  const tables = db
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    .all()
    .map((row) => textOf(row, 'name'));
  if (!tables.includes('migration')) {
    if (tables.length > 0) throw foreignDatabase(folder);
    return stamp;
  }
  const row = onlyRow(db.prepare('SELECT coalesce(max(number), 0) AS newest FROM migration').get());
  return Math.max(stamp, numberOf(row, 'newest'));
}

function newerSchema(db: DatabaseSync, target: SchemaTarget, applied: number): AppError {
  const writer = writerOf(db, applied);
  const newest = target.migrations.at(-1)?.number ?? 0;
  return new AppError({
    code: 'storage-newer',
    message: {
      ja: `${target.folder} は新しい Todoku${writer} のデータです（スキーマ ${applied}、この Todoku ${target.version} が知るのは ${newest} まで）`,
      en: `the data in ${target.folder} belongs to a newer Todoku${writer} (schema ${applied}; this Todoku ${target.version} knows up to ${newest})`,
    },
    hint: {
      ja: 'Todoku を新しくするか、古い版で使うなら更新前のバックアップに戻してください',
      en: 'update Todoku, or to go back put the copy of the folder from before the update in its place',
    },
  });
}

/** ` 2.0.0`, the version that applied the newest migration; empty when nobody noted it. */
function writerOf(db: DatabaseSync, applied: number): string {
  const known = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'migration'`).get() !== undefined;
  const row: Row | undefined = known
    ? db.prepare('SELECT version FROM migration WHERE number = ?').get(applied)
    : undefined;
  return row === undefined ? '' : ` ${textOf(row, 'version')}`;
}

function foreignDatabase(folder: string): AppError {
  return new AppError({
    code: 'storage-not-database',
    message: {
      ja: `${folder}/todoku.db は別のプログラムのデータベースです`,
      en: `${folder}/todoku.db is a database of another program`,
    },
    hint: {
      ja: 'そのファイルをどかすか、--data で別のフォルダーを指定してください',
      en: 'move that file away, or name another folder with --data',
    },
  });
}

function failedMigration(migration: Migration, target: SchemaTarget, cause: unknown): AppError {
  const step = `${String(migration.number).padStart(4, '0')}-${migration.name}`;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppError({
    code: 'storage-migration-failed',
    message: {
      ja: `${target.folder} を新しいスキーマにできませんでした（${step}: ${why}）。この手順の前の状態に戻しました`,
      en: `could not bring ${target.folder} to the new schema (${step}: ${why}); nothing of this step remains`,
    },
    hint: {
      ja: 'このメッセージを添えて報告してください。急ぐときは、更新前のバックアップと前の版に戻してください',
      en: 'report this line; if it is urgent, go back to the copy and the version from before the update',
    },
    cause,
  });
}

/** For a command that only reads: the schema is older and only a command that works may change it. */
export function olderSchema(folder: string): AppError {
  return new AppError({
    code: 'storage-older',
    message: {
      ja: `${folder} は古い Todoku のデータです`,
      en: `the data in ${folder} belongs to an older Todoku`,
    },
    hint: {
      ja: 'フォルダーをコピーしてから `todoku serve` か `todoku resume` を実行すると更新されます（送信待ちのメールも配信します）',
      en: 'copy the folder, then run `todoku serve` or `todoku resume`, which bring it up to date (and deliver what waits)',
    },
  });
}
