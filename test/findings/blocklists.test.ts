import { describe, expect, test } from 'vitest';
import { listsWithAccounts } from '../../src/deliverability/index.ts';
import { all, brokenWorlds, lists, look, looked } from './blocklists-worlds.ts';
import { faultsOf } from './world.ts';

test.each(brokenWorlds)('$id: $what', async ({ id, look: found }) => {
  expect(faultsOf(await found())).toEqual([id]);
});

describe('a healthy world', () => {
  test.each(['203.0.113.9', '2001:db8::9', 'good.example'])('%s', async (subject) => {
    expect((await look(subject)).map(({ id }) => id)).toEqual(['blocklists.not-listed']);
  });

  test('a harmless code is no listing', async () => {
    const found = await look('203.0.113.9', { '9.113.0.203.bl.mailspike.net': ['127.0.0.18'] });
    expect(found.map(({ id }) => id)).toEqual(['blocklists.not-listed']);
  });
});

test('says which list, what kind of entry, and how to leave, in both languages', async () => {
  const [found] = await look('203.0.113.9', { '9.113.0.203.zen.spamhaus.org': ['127.0.0.10'] });
  expect(found).toMatchObject({
    severity: 'problem',
    party: 'operator',
    evidence: 'zen.spamhaus.org → 127.0.0.10',
  });
  expect(found?.advice.ja.meaning).toContain('直接送信しない');
  expect(found?.advice.en.meaning).toContain('sends no mail directly');
  expect(found?.advice.en.steps.join(' ')).toContain('https://check.spamhaus.org/');
});

test('no list is asked about what it does not know', () => {
  expect(lists.filter(({ kind }) => kind === 'domain').length).toBeGreaterThan(2);
  expect(lists.filter(({ zone }) => zone.includes('sorbs'))).toEqual([]);
});

test('a public resolver that is refused everywhere is no listing', async () => {
  const { findings } = await looked('203.0.113.9', { '*': ['127.255.255.254'] });
  expect(new Set(findings.map(({ id }) => id))).toEqual(
    new Set(['blocklists.none-asked', 'blocklists.refused']),
  );
});

test('dead lists are never asked', async () => {
  const { asked } = await looked('203.0.113.9', {});
  expect(all.dead.map(({ zone }) => zone)).toContain('dnsbl.sorbs.net');
  for (const { zone } of all.dead) expect(asked.filter((name) => name.endsWith(zone))).toEqual([]);
});

test('lists of registered domains are asked for those', async () => {
  const { asked } = await looked('news.shop.example.co.jp', {});
  expect(asked).toContain('example.co.jp.multi.surbl.org');
  expect(asked).toContain('news.shop.example.co.jp.dbl.spamhaus.org');
});

test('an IPv4 address written as IPv6 is asked as what it is', async () => {
  const { asked } = await looked('::ffff:203.0.113.9', {});
  expect(asked).toContain('9.113.0.203.zen.spamhaus.org');
});

describe('lists with an account', () => {
  const open = listsWithAccounts(all.living, new Map([['spamhaus-dqs', 'k3y']]));

  test('are asked with its key, and their public forms no more', async () => {
    const { asked, findings } = await looked('203.0.113.9', {}, open);
    expect(asked).toContain('9.113.0.203.k3y.zen.dq.spamhaus.net');
    expect(asked.filter((name) => name.endsWith('zen.spamhaus.org'))).toEqual([]);
    expect(findings.map(({ id }) => id)).toEqual(['blocklists.not-listed']);
  });

  test('never show the key', async () => {
    const zones = { '9.113.0.203.k3y.zen.dq.spamhaus.net': ['127.0.0.3'] };
    const { findings } = await looked('203.0.113.9', zones, open);
    expect(findings.map(({ id }) => id)).toEqual(['blocklists.listed']);
    expect(JSON.stringify(findings)).not.toContain('k3y');
  });

  test('are not asked without it', () => {
    expect(lists.filter(({ account }) => account !== null)).toEqual([]);
  });
});

test('only documented codes of a list with bits are a listing', async () => {
  const found = await look('a.example', { 'a.example.multi.surbl.org': ['127.1.2.8'] });
  expect(found.map(({ id }) => id)).toContain('blocklists.unknown-code');
});
