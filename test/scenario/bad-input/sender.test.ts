import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startArrivalSink } from '../../support/arrivals.ts';
import { campaignFolder } from '../../support/campaign-folder.ts';
import { expectRefused, workshop } from '../../support/refusal.ts';
import type { RefusalTexts } from '../../support/refusal.ts';
import { runTodoku, sendResult } from '../../support/todoku-run.ts';

const injection = '\r\nBcc: everybody@example.jp';

type Spoiled = {
  readonly name: string;
  readonly changes: Readonly<Record<string, string>>;
  readonly says: RefusalTexts;
};

const noDomain = {
  ja: /ドメインがありません — .*news@example\.jp/,
  en: /no domain after @ — .*news@example\.com/,
};
const control = { ja: /制御文字/, en: /control character/ };

const spoiled: readonly Spoiled[] = [
  { name: 'From without a domain', changes: { from: 'news' }, says: noDomain },
  { name: 'From that ends in @', changes: { from: 'お店 <news@>' }, says: noDomain },
  {
    name: 'From that is empty',
    changes: { from: '' },
    says: { ja: /--from "" は.*アドレスが空です/, en: /--from "" cannot be used: the address is empty/ },
  },
  {
    name: 'From with two addresses',
    changes: { from: 'a@news.example, b@news.example' },
    says: { ja: /アドレスは1つだけ/, en: /only one address is allowed/ },
  },
  {
    name: 'From whose name has a line break',
    changes: { from: `お店${injection} <news@news.example>` },
    says: control,
  },
  {
    name: 'From whose address has a line break',
    changes: { from: `news@news.example${injection}` },
    says: control,
  },
  { name: 'From with a NUL', changes: { from: 'a\u0000b <news@news.example>' }, says: control },
  {
    name: 'Reply-To with a line break',
    changes: { 'reply-to': `a@news.example${injection}` },
    says: { ja: /Reply-To .*制御文字/, en: /Reply-To .*control character/ },
  },
  {
    name: 'Reply-To without a domain',
    changes: { 'reply-to': 'nobody' },
    says: { ja: /Reply-To "nobody" .*ドメインがありません/, en: /Reply-To "nobody" .*no domain/ },
  },
  {
    name: 'a subject with a line break',
    changes: { subject: `お知らせ${injection}` },
    says: {
      ja: /件名に制御文字\(CR、5 文字目\)/,
      en: /the subject holds a control character \(CR at position 5\)/,
    },
  },
  {
    name: 'an empty subject',
    changes: { subject: ' ' },
    says: { ja: /--subject が空です/, en: /--subject is empty/ },
  },
  {
    name: 'a subject that is no template',
    changes: { subject: '{{ name' },
    says: { ja: /subject:1: .*閉じられていません/, en: /subject:1: .*not closed/ },
  },
  {
    name: 'a subject with an unknown variable',
    changes: { subject: '{{ nmae }}様' },
    says: { ja: /subject の 1 行目: 変数 nmae がありません/, en: /subject line 1: undefined variable: nmae/ },
  },
  {
    name: 'a domain that is not configured',
    changes: { domain: 'shop.example' },
    says: {
      ja: /--domain shop\.example は設定の domains にありません — 設定にあるもの: news\.example/,
      en: /--domain shop\.example is not among .* — it has news\.example/,
    },
  },
  {
    name: 'a default without a value',
    changes: { default: 'coupon' },
    says: { ja: /--default coupon は/, en: /--default coupon is not NAME=VALUE/ },
  },
];

test.each(spoiled)('$name', async ({ changes, says }) => {
  const shop = await workshop();
  await expectRefused(shop, shop.send(changes), says);
});

test('a value with a line break is refused in the subject, by the first row that has it', async () => {
  const shop = await workshop();
  shop.file('list.csv', 'email,name,code\na@example.jp,a,1\nb@example.jp,"b\r\nBcc: c@example.jp",2\n');
  await expectRefused(shop, shop.send(), {
    ja: /件名に入る値に制御文字\(CR\).*最初の該当者: b@example\.jp、CSV の 3 行目/,
    en: /a value in the subject holds a control character \(CR\); first for b@example\.jp, line 3 of the CSV/,
  });
});

test('the same value is fine in the body, and adds no header field', async () => {
  const heads: string[] = [];
  const { sink } = await startArrivalSink((message) => {
    const text = Buffer.from(message.content ?? []).toString();
    heads.push(text.slice(0, text.indexOf('\r\n\r\n')));
  });
  const { folder } = campaignFolder({ port: sink.port, addresses: ['taro@example.jp'] });
  const list = 'email,name,code\ntaro@example.jp,"x\r\nBcc: c@example.jp",1\n';
  writeFileSync(`${folder}/list.csv`, list);
  const argv = ['--from', '"=?utf-8?q?x=0d=0aBcc:_c?=" <news@news.example>', '--subject', 'お知らせ'];
  const end = await runTodoku(folder, [
    'send',
    ...argv,
    '--template',
    'news.html',
    '--recipients',
    'list.csv',
    '--json',
  ]);
  expect(sendResult(end)).toMatchObject({ accepted: 1, delivered: 1 });
  expect(heads).toHaveLength(1);
  expect(heads[0]).not.toMatch(/^Bcc/im);
});
