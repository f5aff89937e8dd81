import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { TtlCache } from './cache.ts';

it('throws out the one not asked for longest', () => {
  const cache = new TtlCache<number>(new FakeClock(), 3);
  for (const [index, key] of ['a', 'b', 'c'].entries()) cache.set(key, index, 60);
  cache.get('a');
  cache.set('d', 3, 60);
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key)?.value)).toEqual([0, undefined, 2, 3]);
  expect(cache.size).toBe(3);
});

it('forgets a value that is set again with no time left', () => {
  const cache = new TtlCache<number>(new FakeClock(), 3);
  cache.set('a', 1, 60);
  cache.set('a', 2, 0);
  expect(cache.get('a')).toBeNull();
});
