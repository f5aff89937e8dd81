import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/findings/index.ts';
import { brokenTexts, realDomains, slips } from './address-samples.ts';
import { brokenWorlds, facts, look } from './address-worlds.ts';
import { faultsOf } from './world.ts';

test.each(brokenWorlds)('$id: $what', async ({ id, look: found }) => {
  expect(faultsOf(await found())).toEqual([id]);
});

describe('an address in order', () => {
  test.each([
    'taro@example.jp',
    'taro.yamada+news@docomo.ne.jp',
    'x@au.com',
    'x@aol.com',
    'x@me.com',
    'x@mail.com',
    'x@ymail.com',
    'x@softbank.co.jp',
    'x@nttdocomo.com',
    'x@gmx.com',
    'x@live.jp',
    'x@qq.com',
    'x@ya.ru',
    'x@orange.jp',
    'x@日本語.jp',
  ])('%s', async (address) => {
    expect((await look(address)).map(({ id }) => id)).toEqual(['address.good']);
  });

  test('no domain of a provider is taken for a slip of another', async () => {
    for (const domain of facts.known)
      expect([domain, faultsOf(await look(`taro@${domain}`))]).toEqual([domain, []]);
  });
});

test('says what was meant', async () => {
  const [found] = await look('taro@docomo.co.jp');
  expect(found?.advice.ja.meaning).toContain('taro@docomo.ne.jp');
  expect(found?.advice.en.meaning).toContain('taro@docomo.ne.jp');
});

const meant = (found: readonly Finding[]): string | undefined =>
  found.find(({ id }) => id === 'address.mistyped-domain')?.advice.en.meaning;

test.each(Object.entries(slips))('%s is a slip for %s', async (written, domain) => {
  expect(meant(await look(`taro@${written}`))).toContain(`taro@${domain} `);
});

test.each(Object.entries(brokenTexts))('%s is no address; %s was meant', async (text, address) => {
  const found = await look(text);
  expect(found[0]?.id).toBe('address.syntax');
  expect(meant(found)).toContain(`${address} `);
});

test('no real domain is alarmed about', async () => {
  const alarms = await Promise.all(
    realDomains.map(async (domain) => [domain, meant(await look(`taro@${domain}`)) ?? null] as const),
  );
  expect(alarms.filter(([, alarm]) => alarm !== null)).toEqual([]);
});

test('what only resembles a provider, and takes mail, is a warning; what takes none is a problem', async () => {
  const severity = async (text: string, zone: 'mail' | 'nxdomain'): Promise<string | undefined> =>
    (await look(text, zone)).find(({ id }) => id === 'address.mistyped-domain')?.severity;
  expect(await severity('taro@softbonk.ne.jp', 'mail')).toBe('warning');
  expect(await severity('taro@softbonk.ne.jp', 'nxdomain')).toBe('problem');
  expect(await severity('taro@gmial.com', 'mail')).toBe('problem');
});
