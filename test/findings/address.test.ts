import { describe, expect, test } from 'vitest';
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
