import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { openCampaign } from '../../../test/support/memory-store.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { migrations } from './migrations/index.ts';
import type { Migration } from './migrations/index.ts';
import { openStore } from './open-store.ts';
import type { StoreOptions } from './open-store.ts';
import { recipients } from '../../../test/contract/samples.ts';

const clock = new FakeClock();
const next = migrations.length + 1;
const addsTable: Migration = {
  number: next,
  name: 'postcards',
  breaking: true,
  sql: 'CREATE TABLE postcard (id INTEGER PRIMARY KEY); INSERT INTO postcard VALUES (1);',
};
const fails: Migration = {
  number: next + 1,
  name: 'stamps',
  breaking: false,
  sql: 'DROP TABLE postcard; CREATE TABLE stamp (id INTEGER PRIMARY KEY); INSERT INTO nowhere VALUES (1);',
};

function folderWithCampaign(): string {
  const folder = temporaryFolder();
  const store = openStore({ folder, clock, create: true, version: '0.1.0' });
  openCampaign(store, recipients(3));
  store.close();
  return folder;
}

function waitingIn(options: StoreOptions): number {
  const store = openStore(options);
  const waiting = store.delivery.waitingCount();
  store.close();
  return waiting;
}

function query(folder: string, sql: string): unknown[] {
  const db = new DatabaseSync(join(folder, 'todoku.db'), { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

test('the migrations are numbered from 1 without gaps', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, at) => at + 1));
});

test('notes each migration with the Todoku that applied it', () => {
  const folder = folderWithCampaign();
  expect(query(folder, 'SELECT number, name, breaking, version FROM migration')).toEqual(
    migrations.map(({ number, name, breaking }) => ({
      number,
      name,
      breaking: Number(breaking),
      version: '0.1.0',
    })),
  );
});

test('brings an older schema up to date and keeps what is there', () => {
  const folder = folderWithCampaign();
  const newer = { folder, clock, version: '0.2.0', migrations: [...migrations, addsTable] };
  expect(waitingIn(newer)).toBe(3);
  expect(query(folder, 'SELECT count(*) AS rows FROM postcard')).toEqual([{ rows: 1 }]);
  expect(waitingIn(newer)).toBe(3);
});

test('keeps suppressions of the first schema, with their scope, and the record of what was lifted', () => {
  const folder = temporaryFolder();
  openStore({ folder, clock, create: true, version: '0.1.0' }).close();
  const db = new DatabaseSync(join(folder, 'todoku.db'));
  // As the first Todoku left them.
  db.exec(`${tablesOf(db)
    .map((name) => `DROP TABLE ${name};`)
    .join('')} ${migrations[0]?.sql ?? ''}
    INSERT INTO suppression VALUES ('taro@x.jp', 'bounced', 'Taro@x.jp', 'cli', 5, '550');
    INSERT INTO suppression_removal VALUES (1, 'hanako@x.jp', 'hanako@x.jp', NULL, 'asked', 'cli', 7);
    CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT, breaking INTEGER, applied_ms INTEGER, version TEXT);
    INSERT INTO migration VALUES (1, 'first-campaign', 0, 1, '0.1.0'); PRAGMA user_version = 1`);
  db.close();
  const store = openStore({ folder, clock, version: '0.2.0' });
  expect(store.suppressions.find('taro@x.jp')).toEqual([
    {
      address: 'Taro@x.jp',
      scope: 'address',
      list: null,
      reason: 'bounced',
      source: 'cli',
      atMs: 5,
      note: '550',
      verdict: null,
      evidence: null,
      untilMs: null,
    },
  ]);
  expect(store.suppressions.removals('hanako@x.jp')).toMatchObject([{ because: 'asked' }]);
  store.close();
});

function tablesOf(db: DatabaseSync): readonly string[] {
  db.exec('PRAGMA foreign_keys = OFF');
  return db
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    .all()
    .map((row) => String(row['name']));
}

test('an older Todoku refuses a newer schema and says which version and folder', () => {
  const folder = folderWithCampaign();
  openStore({ folder, clock, version: '0.2.0', migrations: [...migrations, addsTable] }).close();
  for (const mode of ['work', 'read'] as const) {
    const open = (): unknown => openStore({ folder, clock, mode, version: '0.1.0' });
    expect(open).toThrow(
      `the data in ${folder} belongs to a newer Todoku 0.2.0 (schema ${next}; this Todoku 0.1.0 knows up to ${migrations.length})`,
    );
    expect(open).toThrow(expect.objectContaining({ code: 'storage-newer', exitCode: 2 }));
  }
  expect(waitingIn({ folder, clock, migrations: [...migrations, addsTable] })).toBe(3);
});

test('refuses a newer schema that only the stamp in the file tells', () => {
  const folder = folderWithCampaign();
  const db = new DatabaseSync(join(folder, 'todoku.db'));
  db.exec('PRAGMA user_version = 999');
  db.close();
  expect(() => openStore({ folder, clock })).toThrow('belongs to a newer Todoku (schema 999');
});

test('a migration that fails leaves the state before it, and the next start tries again', () => {
  const folder = folderWithCampaign();
  const broken = { folder, clock, migrations: [...migrations, addsTable, fails] };
  expect(() => openStore(broken)).toThrow(
    `could not bring ${folder} to the new schema (${String(next + 1).padStart(4, '0')}-stamps: no such table: nowhere)`,
  );
  expect(query(folder, 'SELECT count(*) AS rows FROM postcard')).toEqual([{ rows: 1 }]);
  expect(query(folder, `SELECT name FROM sqlite_schema WHERE name = 'stamp'`)).toEqual([]);
  const mended = { ...fails, sql: 'CREATE TABLE stamp (id INTEGER PRIMARY KEY)' };
  expect(waitingIn({ folder, clock, migrations: [...migrations, addsTable, mended] })).toBe(3);
});

test('a first migration that fails leaves no folder behind', () => {
  const folder = join(temporaryFolder(), 'a', 'b');
  const broken = { number: 1, name: 'broken', breaking: false, sql: 'CREATE nonsense' };
  expect(() => openStore({ folder, clock, create: true, migrations: [broken] })).toThrow('0001-broken');
  expect(existsSync(join(folder, '..'))).toBe(false);
});

test('a command that only reads does not change an older schema', () => {
  const folder = folderWithCampaign();
  const newer = { folder, clock, migrations: [...migrations, addsTable] };
  const before = statSync(join(folder, 'todoku.db')).mtimeMs;
  expect(() => openStore({ ...newer, mode: 'read' })).toThrow(
    expect.objectContaining({ code: 'storage-older' }),
  );
  expect(statSync(join(folder, 'todoku.db')).mtimeMs).toBe(before);
});
