import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { SessionCount } from './pace.ts';

test('one session until the first works, then 3, 5, 7, … up to the most', () => {
  const count = new SessionCount(new FakeClock(), 6);
  const allowed = [count.allowed];
  for (let worked = 0; worked < 4; worked++) {
    count.worked();
    allowed.push(count.allowed);
  }
  expect(allowed).toEqual([1, 3, 5, 6, 6]);
});

test('"too many" is believed for a minute, and one session is always allowed', async () => {
  const clock = new FakeClock();
  const count = new SessionCount(clock, 10);
  for (let worked = 0; worked < 10; worked++) count.worked();
  count.tooMany(4);
  expect(count.allowed).toBe(4);
  count.tooMany(0);
  expect(count.allowed).toBe(1);
  clock.step(3_600_000);
  expect(count.allowed).toBe(1);
  await clock.advance(60_000);
  expect(count.allowed).toBe(10);
});

test('a lower limit holds also against what the site was believed to take', () => {
  const count = new SessionCount(new FakeClock(), 10);
  for (let worked = 0; worked < 10; worked++) count.worked();
  count.tooMany(8);
  count.limit(3);
  expect(count.allowed).toBe(3);
});
