import { describe, expect, test } from 'vitest';
import { brokenWorlds, lists, look } from './blocklists-worlds.ts';
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
