import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../base/index.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { openCampaign } from '../../../test/support/memory-store.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { closedAfter } from '../../../test/contract/contract-store.ts';
import { openStore } from './open-store.ts';
import { recipients } from '../../../test/contract/samples.ts';

const clock = new FakeClock();

function errorOf(open: () => unknown): AppError {
  try {
    open();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a new data folder', () => {
  test('is readable by its owner only, with everything in it', () => {
    const folder = join(temporaryFolder(), 'deep', 'data');
    const store = closedAfter(openStore({ folder, clock, create: true }));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    openCampaign(store, recipients(1));
    for (const file of ['todoku.db', 'todoku.db-wal', 'todoku.db-shm', 'secret.key', 'lock']) {
      expect([file, statSync(join(folder, file)).mode & 0o777]).toEqual([file, 0o600]);
    }
    expect(store.secret).toHaveLength(32);
    expect(readFileSync(join(folder, 'secret.key'))).toEqual(store.secret);
  });

  test('is made only where asked for', () => {
    const folder = join(temporaryFolder(), 'data');
    for (const mode of ['work', 'read'] as const) {
      expect(errorOf(() => openStore({ folder, clock, mode })).line('en')).toBe(
        `there is no Todoku data in ${folder} — name the folder with --data, or run \`todoku send\` first`,
      );
    }
    expect(existsSync(folder)).toBe(false);
  });

  test('may exist and be empty', () => {
    const folder = temporaryFolder();
    openStore({ folder, clock, create: true }).close();
    expect(readdirSync(folder).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'lock.db',
      'secret.key',
      'todoku.db',
    ]);
  });

  test('each has a secret of its own, the same at every start', () => {
    const folder = temporaryFolder();
    const secrets = [folder, folder, temporaryFolder()].map((each) => {
      const store = openStore({ folder: each, clock, create: true });
      store.close();
      return store.secret.toString('hex');
    });
    expect(secrets[1]).toBe(secrets[0]);
    expect(secrets[2]).not.toBe(secrets[0]);
  });
});

describe('what stands in the way is one clear line', () => {
  test('a file where the folder should be', () => {
    const folder = join(temporaryFolder(), 'data');
    writeFileSync(folder, 'x');
    expect(errorOf(() => openStore({ folder, clock, create: true })).code).toBe('storage-not-folder');
    expect(errorOf(() => openStore({ folder: join(folder, 'below'), clock, create: true })).code).toBe(
      'storage-not-folder',
    );
    expect(readFileSync(folder, 'utf8')).toBe('x');
  });

  test('a file that is no database', () => {
    const folder = temporaryFolder();
    openStore({ folder, clock, create: true }).close();
    writeFileSync(join(folder, 'todoku.db'), 'Dear diary, '.repeat(1_000));
    for (const mode of ['work', 'read'] as const) {
      expect(errorOf(() => openStore({ folder, clock, mode })).code).toBe('storage-not-database');
    }
    expect(readFileSync(join(folder, 'todoku.db'), 'utf8')).toMatch(/^Dear diary/);
  });

  test('a database of another program', () => {
    const folder = temporaryFolder();
    openStore({ folder, clock, create: true }).close();
    writeFileSync(join(folder, 'todoku.db'), '');
    const db = new DatabaseSync(join(folder, 'todoku.db'));
    db.exec('CREATE TABLE photos (id INTEGER)');
    db.close();
    expect(errorOf(() => openStore({ folder, clock })).line('en')).toMatch(
      /is a database of another program — move/,
    );
  });

  test('a damaged database, at opening or later', () => {
    const folder = temporaryFolder();
    const store = openStore({ folder, clock, create: true });
    openCampaign(store, recipients(500));
    store.close();
    const file = join(folder, 'todoku.db');
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes.subarray(0, 8_192), Buffer.alloc(bytes.length - 8_192, 0x5a)]));
    const error = errorOf(() => {
      const damaged = closedAfter(openStore({ folder, clock, mode: 'read' }));
      damaged.reports.ledger();
    });
    expect(error.line('en')).toMatch(/todoku\.db is damaged — copy the folder first/);
    expect(error.line('ja')).toMatch(/壊れています/);
    truncateSync(file, 5_000);
    expect(errorOf(() => openStore({ folder, clock })).code).toMatch(/^storage-(corrupt|not-database)$/);
  });

  test('a secret that is gone or cut short', () => {
    const folder = temporaryFolder();
    openStore({ folder, clock, create: true }).close();
    truncateSync(join(folder, 'secret.key'), 31);
    expect(errorOf(() => openStore({ folder, clock })).line('en')).toMatch(
      /secret\.key has 31 bytes instead of 32/,
    );
    const other = temporaryFolder();
    openStore({ folder: other, clock, create: true }).close();
    chmodSync(other, 0o700);
    writeFileSync(join(folder, 'x'), '');
    for (const mode of ['work', 'read'] as const) {
      const gone = temporaryFolder();
      mkdirSync(join(gone, 'data'));
      writeFileSync(join(gone, 'data', 'todoku.db'), readFileSync(join(other, 'todoku.db')));
      expect(errorOf(() => openStore({ folder: join(gone, 'data'), clock, mode })).code).toBe(
        'storage-secret-missing',
      );
    }
  });
});

describe('opening', () => {
  test('removes a campaign that was still being stored when the process ended', () => {
    const folder = temporaryFolder();
    const first = openStore({ folder, clock, create: true });
    openCampaign(first, recipients(2), { name: 'c-open' });
    const { id } = first.campaigns.create({ ...first.campaigns.withState('open')[0]!, name: 'c-half' });
    first.campaigns.addRecipients(id, recipients(50, 'half'));
    first.close();
    const second = closedAfter(openStore({ folder, clock }));
    expect(second.campaigns.byName('c-half')).toBeNull();
    expect(second.delivery.waitingCount()).toBe(2);
    expect(second.reports.ledger().ok).toBe(true);
    expect(second.why.messagesOf('half0@d0.example')).toEqual([]);
  });

  test('clears the holds of an engine that is gone', () => {
    const folder = temporaryFolder();
    const first = openStore({ folder, clock, create: true });
    const hold = {
      site: 's',
      domain: 'd',
      source: null,
      because: 'throttled',
      detail: '',
      untilMs: clock.now() + 1,
    };
    first.delivery.commit([], [hold], []);
    first.close();
    const second = closedAfter(openStore({ folder, clock }));
    expect(second.why.holdsFor('d')).toEqual([]);
  });

  test('a reader sees what the writer committed, and writes nothing', () => {
    const folder = temporaryFolder();
    const writer = closedAfter(openStore({ folder, clock, create: true }));
    const reader = closedAfter(openStore({ folder, clock, mode: 'read' }));
    openCampaign(writer, recipients(3));
    expect(reader.delivery.waitingCount()).toBe(3);
    expect(reader.reports.ledger()).toMatchObject({ ok: true, total: { accepted: 3 } });
    expect(reader.isWorking()).toBe(true);
    expect(errorOf(() => reader.campaigns.cancel(1, 0)).code).toBe('storage-read-only');
    writer.close();
    expect(reader.isWorking()).toBe(false);
    expect(reader.delivery.waitingCount()).toBe(3);
  });

  test('may be closed twice', () => {
    const store = openStore({ folder: temporaryFolder(), clock, create: true });
    store.close();
    store.close();
    expect(existsSync(join(store.folder, 'lock'))).toBe(false);
  });
});
