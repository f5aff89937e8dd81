import { readFileSync } from 'node:fs';
import iconv from 'iconv-lite';
import { Liquid } from 'liquidjs';
import { expect, test } from 'vitest';
import { demoColumns, demoCsv, demoNewsletter, demoRecipients } from './index.ts';
import { expectFor } from './provider/expectation.ts';
import { readProviders } from './provider/load.ts';

test('the same people for the same seed, every address once, legacy and mistyped ones among them', () => {
  const people = [...demoRecipients(5_000, 'demo')];
  expect([...demoRecipients(5_000, 'demo')]).toEqual(people);
  expect([...demoRecipients(10, 'other')]).not.toEqual(people.slice(0, 10));
  const addresses = people.map((person) => person.メールアドレス);
  expect(new Set(addresses).size).toBe(5_000);
  const docomo = addresses.filter((address) => address.endsWith('@docomo.ne.jp'));
  expect(docomo.length).toBeGreaterThan(850);
  expect(docomo.length).toBeLessThan(1_150);
  const legacy = docomo.filter((address) => /\.\.|\.@/.test(address));
  expect(legacy.length).toBeGreaterThan(5);
  expect(legacy.length).toBeLessThan(60);
});

test('every kind of fate occurs among 5,000, and only mistyped domains are nowhere', () => {
  const context = { seed: 'demo', providers: readProviders().filter(({ id }) => id !== 'rehearsal') };
  const seen = new Set<string>();
  for (const person of demoRecipients(5_000, 'demo')) {
    const { fate, verdict, provider } = expectFor(context, person.メールアドレス);
    seen.add(`${fate} ${verdict ?? ''}`);
    if (provider === null)
      expect(person.メールアドレス).toMatch(/@(gmial\.com|dokomo\.ne\.jp|yahooo\.co\.jp)$/);
  }
  const wanted = [
    'hostunknown',
    'userunknown',
    'filtered',
    'mailboxfull',
    'suspend',
    'spamdetected',
    'blocked',
    'notaccept',
  ];
  for (const verdict of wanted) expect(seen).toContain(`refused ${verdict}`);
  expect(seen).toContain('expired expired');
  expect(seen).toContain('delivered ');
});

test.each(['utf8-bom', 'cp932'] as const)('CSV in %s comes back as it was', (encoding) => {
  const people = [...demoRecipients(200, 'demo')];
  const bytes = Buffer.concat([...demoCsv(people, encoding)]);
  expect(bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))).toBe(encoding === 'utf8-bom');
  // iconv-lite takes the BOM away.
  const lines = iconv
    .decode(bytes, encoding === 'cp932' ? 'cp932' : 'utf8')
    .trimEnd()
    .split('\r\n');
  expect(lines.shift()).toBe(demoColumns.join(','));
  expect(lines).toEqual(people.map((person) => demoColumns.map((column) => person[column]).join(',')));
});

test('the newsletter has no variable beyond the columns, and renders for everyone', async () => {
  const engine = new Liquid({ strictVariables: true, strictFilters: true });
  const { subject, htmlFile, textFile, from } = demoNewsletter();
  expect(from).toMatch(/^花まる商店 <[^@]+@news\.hanamaru-shop\.example>$/);
  const sources = [subject, readFileSync(htmlFile, 'utf8'), readFileSync(textFile, 'utf8')];
  for (const source of sources) {
    const names = await engine.globalVariables(engine.parse(source));
    expect([...demoColumns, 'unsubscribe_url']).toEqual(expect.arrayContaining(names));
    for (const person of demoRecipients(100, 'demo')) {
      const variables = { ...person, unsubscribe_url: 'https://news.example/u/1' };
      const rendered: unknown = await engine.parseAndRender(source, variables);
      expect(rendered).toContain(person.氏名);
    }
  }
  // 特定電子メール法 第4条: name of the sender, how to refuse, address, contact.
  for (const source of sources.slice(1)) {
    for (const duty of [
      /発行元: 株式会社花まる商店/,
      /配信の停止は、いつでも/,
      /\{\{ unsubscribe_url \}\}/,
      /〒\d{3}-\d{4}/,
      /お問い合わせ/,
    ]) {
      expect(source).toMatch(duty);
    }
  }
});
