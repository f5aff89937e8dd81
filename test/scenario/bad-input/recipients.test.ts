import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectOneLine, expectRefused, workshop } from '../../support/refusal.ts';
import type { RefusalTexts } from '../../support/refusal.ts';

type Spoiled = {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly says: RefusalTexts;
};

const spoiled: readonly Spoiled[] = [
  { name: 'empty', content: '', says: { ja: /list\.csv は空です — /, en: /list\.csv is empty — / } },
  {
    name: 'a header only',
    content: 'email,name\r\n',
    says: {
      ja: /list\.csv には列名だけで宛先がありません/,
      en: /list\.csv has column names but no recipients/,
    },
  },
  {
    name: 'no email column',
    content: 'id,name\n1,a\n',
    says: {
      ja: /list\.csv にメールアドレスの列がありません。列: id, name — .*email/,
      en: /list\.csv has no column with email addresses; its columns: id, name — .*email/,
    },
  },
  {
    name: 'two columns that may be meant',
    content: 'メールアドレス,E-Mail\na@example.jp,b@example.jp\n',
    says: {
      ja: /list\.csv にメールアドレスの列が複数あります: メールアドレス, E-Mail — /,
      en: /list\.csv has several columns with email addresses: メールアドレス, E-Mail — /,
    },
  },
  {
    name: 'binary',
    content: Uint8Array.from({ length: 4_096 }, (_, index) => (index * 37 + (index >> 3)) % 256),
    says: { ja: /list\.csv はCSVではありません/, en: /list\.csv is no CSV/ },
  },
  {
    name: 'an Excel workbook',
    content: 'PK\x03\x04....[Content_Types].xml....xl/workbook.xml',
    says: { ja: /Excelのブック.*CSV UTF-8/, en: /an Excel workbook — .*CSV UTF-8/ },
  },
  {
    name: 'no row that can be used',
    content: 'email,name\nfoo,1\n@example.jp,2\n',
    says: {
      ja: /送信できる宛先が 1 件もありません — .*--rejected/,
      en: /not one recipient to send to — .*--rejected/,
    },
  },
];

test.each(spoiled)('a list: $name', async ({ content, says }) => {
  const shop = await workshop();
  shop.file('list.csv', content);
  await expectRefused(shop, shop.send(), says);
});

test('a list that is missing, a folder, or a pipe that nobody writes to', async () => {
  const shop = await workshop();
  await expectRefused(shop, shop.send({ recipients: shop.path('lsit.csv') }), {
    ja: /lsit\.csv を読めません.*ファイルがありません/,
    en: /cannot read \S+lsit\.csv: no such file — .*--recipients/,
  });
  mkdirSync(shop.path('lists'));
  await expectRefused(shop, shop.send({ recipients: shop.path('lists') }), {
    ja: /lists を読めません/,
    en: /cannot read \S+lists: it is a folder/,
  });
  execFileSync('mkfifo', [shop.path('pipe')]);
  await expectRefused(shop, shop.send({ recipients: shop.path('pipe') }), {
    ja: /pipe は通常のファイルではありません/,
    en: /pipe is not a regular file/,
  });
});

test('a place for the rows left out that cannot be written', async () => {
  const shop = await workshop();
  await expectRefused(shop, shop.send({ rejected: shop.path('nowhere/rejected.csv') }), {
    ja: /nowhere\/rejected\.csv に書き込めません/,
    en: /cannot write \S+nowhere\/rejected\.csv/,
  });
  mkdirSync(shop.path('folder'));
  await expectRefused(shop, shop.send({ rejected: shop.path('folder') }), {
    ja: /folder に書き込めません/,
    en: /cannot write \S+folder: it is a folder/,
  });
});

test('when no row can be used, the rows left out are written down, and nothing else', async () => {
  const shop = await workshop();
  shop.file('list.csv', 'email\nfoo\n');
  const rejected = shop.path('rejected.csv');
  expectOneLine(await shop.run([...shop.send({ rejected }), '--lang', 'en']), /not one recipient/);
  expect(readFileSync(rejected, 'utf8')).toContain('foo');
  expect(existsSync(shop.path('store'))).toBe(false);
  rmSync(rejected);
});

test('a bad list after a good campaign leaves the ledger as it was', async () => {
  const shop = await workshop();
  expect(await shop.run([...shop.send(), '--no-wait'])).toMatchObject({ exitCode: 0 });
  const before = (await shop.run(['ledger'])).stdout;
  const rows = Array.from({ length: 1_500 }, (_, row) => `user${row}@example.jp,a,b`);
  // The first thousand are stored when the line break in the last row's name is met.
  shop.file(
    'list.csv',
    ['email,name,code', ...rows, 'last@example.jp,"a\nBcc: b@example.jp",b', ''].join('\n'),
  );
  await expectRefused(shop, shop.send(), {
    ja: /最初の該当者: last@example\.jp、CSV の 1502 行目/,
    en: /first for last@example\.jp, line 1502 of the CSV/,
  });
  expect((await shop.run(['ledger'])).stdout).toBe(before);
});
