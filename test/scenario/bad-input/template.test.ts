import { mkdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { expectRefused, people, workshop } from '../../support/refusal.ts';
import type { RefusalTexts } from '../../support/refusal.ts';

type Spoiled = {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly says: RefusalTexts;
};

// こんにちは in Shift_JIS.
const shiftJis = Uint8Array.from([0x82, 0xb1, 0x82, 0xf1, 0x82, 0xc9, 0x82, 0xbf, 0x82, 0xcd]);
const megabyte = 1_048_576;

const spoiled: readonly Spoiled[] = [
  {
    name: 'empty',
    content: ' \n',
    says: { ja: /テンプレート \S+news\.html は空です — /, en: /template \S+news\.html is empty — / },
  },
  {
    name: 'binary',
    content: Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 1]),
    says: { ja: /news\.html はテキストではありません/, en: /news\.html is not text/ },
  },
  {
    name: 'Shift_JIS',
    content: shiftJis,
    says: {
      ja: /news\.html は UTF-8 ではありません — UTF-8 で/,
      en: /news\.html is not UTF-8 — save it as UTF-8/,
    },
  },
  {
    name: 'too large',
    content: 'a'.repeat(megabyte + 1),
    says: { ja: /news\.html は 1 MB を超えています/, en: /news\.html is larger than 1 MB/ },
  },
  {
    name: 'a tag that is not closed',
    content: '<p>\n{% if name %}\n</p>',
    says: {
      ja: /news\.html:2: \{% if name %\} が閉じられていません/,
      en: /news\.html:2: tag \{% if name %\} not closed/,
    },
  },
  {
    name: 'an output that is not closed',
    content: '<p>\n\n{{ name </p>',
    says: { ja: /news\.html:3: .*閉じられていません/, en: /news\.html:3: .*not closed/ },
  },
  {
    name: 'an unknown filter',
    content: 'a\n{{ name | upcse }}',
    says: { ja: /news\.html:2: フィルター upcse はありません/, en: /news\.html:2: undefined filter: upcse/ },
  },
  {
    name: 'an unknown tag',
    content: 'a\n{% frobnicate %}',
    says: {
      ja: /news\.html:2: タグ frobnicate はありません/,
      en: /news\.html:2: tag "frobnicate" not found/,
    },
  },
  {
    name: 'a tag that reads files',
    content: 'a\n{% include "/etc/passwd" %}',
    says: {
      ja: /news\.html:2: タグ include は他のテンプレート/,
      en: /news\.html:2: tag "include" reads another template/,
    },
  },
  {
    name: 'an unknown variable',
    content: '<p>{{ name }}</p>\n\n{{ coupon }}',
    says: {
      ja: /news\.html の 3 行目: 変数 coupon がありません（最初の該当者: taro@example\.jp、CSV の 2 行目） — .*--default coupon=/,
      en: /news\.html line 3: undefined variable: coupon; first for taro@example\.jp, line 2 of the CSV — .*--default coupon=/,
    },
  },
  {
    name: 'an unknown variable in a branch that a late recipient reaches',
    content: `{% if email == "${people[2]}" %}\n{{ coupon }}\n{% endif %}`,
    says: {
      ja: /news\.html の 2 行目: 変数 coupon がありません（最初の該当者: jiro@example\.jp、CSV の 4 行目）/,
      en: /news\.html line 2: undefined variable: coupon; first for jiro@example\.jp, line 4 of the CSV/,
    },
  },
];

test.each(spoiled)('a template: $name', async ({ content, says }) => {
  const shop = await workshop();
  shop.file('news.html', content);
  await expectRefused(shop, shop.send(), says);
});

const spoiledMjml: readonly Spoiled[] = [
  {
    name: 'an element that MJML does not have',
    content: '<mjml><mj-body>\n<mj-sektion></mj-sektion></mj-body></mjml>',
    says: {
      ja: /テンプレート news\.mjml:2: <mj-sektion> という要素は MJML にありません — /,
      en: /template news\.mjml:2: MJML has no element <mj-sektion> — /,
    },
  },
  {
    name: 'Liquid that MJML would calculate with',
    content: '<mjml>\n<mj-body width="{{ name }}"><mj-section></mj-section></mj-body></mjml>',
    says: { ja: /news\.mjml:2: .*\{\{ name \}\}/, en: /news\.mjml:2: .*\{\{ name \}\}/ },
  },
  {
    name: 'a Liquid tag that is not closed',
    content: '<mjml><mj-body>\n\n{% if name %}</mj-body></mjml>',
    says: { ja: /news\.mjml:3: .*閉じられていません/, en: /news\.mjml:3: tag \{% if name %\} not closed/ },
  },
  {
    name: 'an unknown variable, by its line in the MJML',
    content:
      '<mjml><mj-body><mj-section><mj-column>\n<mj-text>{{ name }}\n{{ coupon }}</mj-text></mj-column></mj-section></mj-body></mjml>',
    says: {
      ja: /news\.mjml の 3 行目: 変数 coupon がありません/,
      en: /news\.mjml line 3: undefined variable: coupon/,
    },
  },
  {
    name: 'a file that is no MJML',
    content: '<p>{{ name }}</p>',
    says: { ja: /news\.mjml:1: <p> がここに/, en: /news\.mjml:1: <p> is out of place/ },
  },
];

test.each(spoiledMjml)('an MJML template: $name', async ({ content, says }) => {
  const shop = await workshop();
  const template = shop.file('news.mjml', content);
  await expectRefused(shop, shop.send({ template }), says);
});

test('MJML is no text part', async () => {
  const shop = await workshop();
  const text = shop.file('news.mjml', '<mjml></mjml>');
  await expectRefused(shop, shop.send({ text }), {
    ja: /news\.mjml は MJML なのでテキスト版にはなりません — /,
    en: /news\.mjml is MJML, which is no text — /,
  });
});

test('a text template is held to the same', async () => {
  const shop = await workshop();
  const text = shop.file('news.txt', '{{ coupon }}');
  await expectRefused(shop, shop.send({ text }), {
    ja: /news\.txt の 1 行目: 変数 coupon がありません/,
    en: /news\.txt line 1: undefined variable: coupon/,
  });
});

test('a template that is missing, a folder, or a pipe', async () => {
  const shop = await workshop();
  await expectRefused(shop, shop.send({ template: shop.path('nwes.html') }), {
    ja: /テンプレート \S+nwes\.html がありません — パスを/,
    en: /template \S+nwes\.html does not exist — check the path/,
  });
  mkdirSync(shop.path('pages'));
  await expectRefused(shop, shop.send({ template: shop.path('pages') }), {
    ja: /pages はフォルダーです/,
    en: /pages is a folder/,
  });
  execFileSync('mkfifo', [shop.path('pipe')]);
  await expectRefused(shop, shop.send({ template: shop.path('pipe') }), {
    ja: /pipe は通常のファイルではありません/,
    en: /pipe is not a regular file/,
  });
});

test('a default stands in for a variable that nobody has', async () => {
  const shop = await workshop();
  shop.file('news.html', '{{ name }} {{ coupon }}');
  const result = await shop.run([...shop.send(), '--default', 'coupon=なし']);
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  expect(JSON.parse(result.stdout)).toMatchObject({ accepted: people.length, delivered: people.length });
  expect([...shop.arrivals.byRecipient.keys()].toSorted()).toEqual([...people].toSorted());
});
