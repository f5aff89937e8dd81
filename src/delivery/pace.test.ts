import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { SessionCount } from './pace.ts';

/** All that may be open are open, and work. */
function grow(count: SessionCount, times: number): void {
  for (let session = 1; session <= times; session++) count.worked(session);
}

test('one session until the first works, then 3, 5, 7, … up to the most', () => {
  const count = new SessionCount(new FakeClock(), 6);
  const allowed = [count.allowed];
  for (let worked = 1; worked <= 4; worked++) {
    count.worked(worked);
    allowed.push(count.allowed);
  }
  expect(allowed).toEqual([1, 3, 5, 6, 6]);
});

test('"too many" is believed for a minute, then one more is tried, and one session is always allowed', async () => {
  const clock = new FakeClock();
  const count = new SessionCount(clock, 10);
  grow(count, 10);
  count.tooMany(4);
  expect(count.allowed).toBe(4);
  count.tooMany(0);
  expect(count.allowed).toBe(1);
  clock.step(3_600_000);
  expect(count.allowed).toBe(1);
  await clock.advance(60_000);
  expect(count.allowed).toBe(2);
});

test('tries that are in vain become rarer, and one that works is followed by the next', async () => {
  const clock = new FakeClock();
  const count = new SessionCount(clock, 10);
  grow(count, 10);
  count.tooMany(4);
  await clock.advance(60_000);
  count.tooMany(4);
  await clock.advance(60_000);
  expect(count.allowed).toBe(4);
  await clock.advance(60_000);
  expect(count.allowed).toBe(5);
  count.worked(5);
  expect(count.learnt).toBe(5);
  await clock.advance(5_000);
  expect(count.allowed).toBe(6);
});

test('a lower limit holds also against what the site was believed to take', () => {
  const count = new SessionCount(new FakeClock(), 10);
  grow(count, 10);
  count.tooMany(8);
  count.limit(3);
  expect(count.allowed).toBe(3);
});

test('goes on with what was learnt before', () => {
  const count = new SessionCount(new FakeClock(), 20);
  count.restore(5);
  expect(count.allowed).toBe(5);
});
