import { mkdirSync, readdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/index.ts';
import { openStore } from '../../../src/storage/sqlite/index.ts';
import { expectOneLine, expectRefused, workshop } from '../../support/refusal.ts';
import { mayMount, smallDisk } from '../../support/small-disk.ts';

test('a data folder that is a file, or below one', async () => {
  const shop = await workshop();
  const file = shop.file('file', 'x');
  for (const data of [file, `${file}/below`]) {
    await expectRefused(shop, [...shop.send(), '--data', data], {
      ja: /はフォルダーではありません — --data で/,
      en: /is not a folder — name a folder with --data/,
    });
  }
});

test('a data folder of a newer Todoku is left alone by every command', async () => {
  const shop = await workshop();
  expect(await shop.run([...shop.send(), '--no-wait'])).toMatchObject({ exitCode: 0 });
  const database = new DatabaseSync(shop.path('store/todoku.db'));
  database.exec('PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  const commands = [shop.send(), ['resume'], ['ledger'], ['why', 'taro@example.jp'], ['suppression', 'list']];
  for (const argv of commands) {
    for (const [language, text] of [
      ['ja', /新しい/],
      ['en', /newer/],
    ] as const) {
      expectOneLine(await shop.run([...argv, '--lang', language]), text);
    }
  }
  expect(shop.arrivals.count).toBe(0);
  const after = new DatabaseSync(shop.path('store/todoku.db'), { readOnly: true });
  expect(after.prepare('SELECT count(*) AS n FROM campaign').get()).toEqual({ n: 1 });
  after.close();
});

test('a data folder in which another process works', async () => {
  const shop = await workshop();
  mkdirSync(shop.path('store'));
  const other = openStore({ folder: shop.path('store'), clock: systemClock, create: true, command: 'serve' });
  try {
    await expectRefused(shop, shop.send(), {
      ja: /別の Todoku（pid \d+、`serve`、.* から）が \S+store で動いています — /,
      en: /another Todoku \(pid \d+, `serve`, since .*\) works in \S+store — stop it with `kill \d+`/,
    });
    // Questions are answered beside it.
    expect(await shop.run(['suppression', 'list'])).toMatchObject({ exitCode: 0, stderr: '' });
  } finally {
    other.close();
  }
});

describe.skipIf(!mayMount())('a disk', () => {
  test('that is read-only', async () => {
    const shop = await workshop();
    const { folder } = smallDisk('size=1m,ro');
    for (const data of [folder, `${folder}/store`]) {
      await expectRefused(shop, [...shop.send(), '--data', data], {
        ja: /(に書き込めません|権限がありません).* — /,
        en: /(is read-only|no permission).* — .*--data/,
      });
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});
