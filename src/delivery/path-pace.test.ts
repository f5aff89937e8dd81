import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BusyClock } from '../../test/support/busy-clock.ts';
import { runPaced, sumOf } from '../../test/support/paced-site.ts';
import type { Counting, SiteModel } from '../../test/support/paced-site.ts';
import { createShaping } from './limits.ts';
import { PathPace } from './path-pace.ts';

const countings: readonly Counting[] = ['bucket', 'window', 'sliding'];

/** A generator of numbers in [0, 1) that is the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function site(
  change: Partial<SiteModel> & { readonly rate: number; readonly meanMs?: number; readonly seed?: number },
): SiteModel {
  const random = seeded(change.seed ?? 1);
  const { rate, meanMs = 60 } = change;
  return {
    counting: 'window',
    windowMs: 1_000,
    perSecond: () => rate,
    connections: 5,
    blocksAfter: 0,
    latencyMs: () => meanMs * (0.8 + 0.4 * random()),
    ...change,
  };
}

const seeds = [1, 2, 3, 4, 5];

test.each(countings)('finds 50/s over 5 connections within a minute, and keeps to it (%s)', (counting) => {
  for (const seed of seeds) {
    const run = runPaced(site({ counting, rate: 50, seed }), { seconds: 360 });
    const { accepted, refused } = sumOf(run, 60, 360);
    expect(accepted).toBeGreaterThanOrEqual(0.85 * 50 * 300);
    expect(refused).toBeLessThanOrEqual(0.02 * (accepted + refused));
    // The minute of learning costs little as well.
    expect(sumOf(run, 0, 60).refused).toBeLessThanOrEqual(20);
  }
});

test.each(countings)('an allowance that is halved is found again within 30 s (%s)', (counting) => {
  for (const seed of seeds) {
    const perSecond = (atMs: number): number => (atMs < 200_000 ? 50 : 25);
    const run = runPaced(site({ counting, rate: 50, perSecond, seed }), { seconds: 300 });
    expect(sumOf(run, 170, 200).accepted).toBeGreaterThanOrEqual(0.85 * 50 * 30);
    const { accepted, refused } = sumOf(run, 230, 300);
    expect(accepted).toBeGreaterThanOrEqual(0.85 * 25 * 70);
    expect(refused).toBeLessThanOrEqual(0.02 * (accepted + refused));
  }
});

test('a fixed limit beside it: right until the allowance changes, then half of everything is refused', () => {
  const perSecond = (atMs: number): number => (atMs < 200_000 ? 50 : 25);
  const model = { rate: 50, perSecond };
  const shares = [
    runPaced(site(model), { seconds: 300 }),
    runPaced(site(model), { seconds: 300, fixed: 48 }),
  ].map((run) => {
    const { accepted, refused } = sumOf(run, 230, 300);
    return refused / (accepted + refused);
  });
  expect(shares[0]).toBeLessThanOrEqual(0.02);
  expect(shares[1]).toBeGreaterThanOrEqual(0.4);
});

test('an allowance that grows tenfold is found in time', () => {
  const perSecond = (atMs: number): number => (atMs < 100_000 ? 20 : 200);
  const run = runPaced(site({ rate: 20, perSecond, meanMs: 10 }), { seconds: 400 });
  expect(sumOf(run, 340, 400).accepted).toBeGreaterThanOrEqual(0.85 * 200 * 60);
});

test.each(countings)(
  'never gets blocked by a site that blocks after 20 throttle replies (%s)',
  (counting) => {
    for (const seed of seeds) {
      for (const meanMs of [10, 60, 150]) {
        const run = runPaced(site({ counting, rate: 50, meanMs, blocksAfter: 20, seed }), { seconds: 600 });
        expect(run.blocked).toBe(false);
      }
    }
  },
);

test('after a restart it goes on at the pace it had learnt, without being refused again', () => {
  const before = runPaced(site({ rate: 50 }), { seconds: 120 });
  const after = runPaced(site({ rate: 50 }), { seconds: 30, restore: before.snapshot });
  const { accepted, refused } = sumOf(after, 1, 30);
  expect(accepted).toBeGreaterThanOrEqual(0.85 * 50 * 29);
  expect(refused).toBe(0);
});

test('what was learnt last week is forgotten, what is hours old is tried out at once', () => {
  const learnt = { rate: 10, ceiling: 11, confirmed: 4, windowMs: 0 };
  const restored = (ageMs: number): PathPace => {
    const clock = new BusyClock();
    const pace = new PathPace({ clock, timeScale: 1 });
    pace.restore({ learnt, quotas: {}, atMs: clock.now() - ageMs });
    return pace;
  };
  expect(restored(60_000).rate).toBe(10);
  expect(restored(8 * 86_400_000).rate).toBeNull();
  expect(restored(2 * 3_600_000).snapshot().learnt.confirmed).toBe(0);
});

test('windows of a minute are found too, from how long the site stays cross', () => {
  for (const counting of countings) {
    const run = runPaced(site({ counting, rate: 10, windowMs: 60_000 }), { seconds: 600 });
    const { accepted, refused } = sumOf(run, 150, 600);
    expect(accepted).toBeGreaterThanOrEqual(0.85 * 10 * 450);
    expect(refused).toBeLessThanOrEqual(0.02 * (accepted + refused));
  }
});

test('whatever a site allows and however far it is, at least 80 % of it is used and few are refused', () => {
  const world = fc.record({
    counting: fc.constantFrom(...countings),
    rate: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 20, max: 1_000 })),
    // Latency that varies by more than the time between two messages jumbles them: nobody can keep to a window exactly then.
    meanMs: fc.integer({ min: 2, max: 150 }),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
  });
  fc.assert(
    fc.property(world, ({ counting, rate, meanMs, seed }) => {
      const run = runPaced(site({ counting, rate, meanMs, seed }), { seconds: 240 });
      const { accepted, refused } = sumOf(run, 90, 240);
      const possible = Math.min(rate, (0.95 * 5 * 1_000) / meanMs);
      expect(accepted / 150).toBeGreaterThanOrEqual(0.8 * possible);
      // One refusal in a try of more is 2 % where a minute has few messages.
      expect(refused).toBeLessThanOrEqual(0.02 * (accepted + refused) + 3);
    }),
    { numRuns: 60 },
  );
});

test('a published limit is kept from the first message on, also over a restart', () => {
  const clock = new BusyClock();
  const rule = {
    id: 'own',
    match: {},
    limits: { messagesPerSecond: 20, messagesPerMinute: 100 },
    from: 'own',
    builtIn: false,
  };
  const limits = createShaping([rule], { connections: 5, messagesPerConnection: 50 }).limitsFor({
    site: 'mx',
    mxHosts: ['mx'],
    domain: 'a.example',
    provider: null,
    source: null,
    pool: null,
  });
  const sendFor = (pace: PathPace, ms: number): number => {
    let sent = 0;
    for (let passed = 0; passed < ms; passed += 10, clock.run(10)) {
      for (; pace.mayStart(0) === 0; sent++) pace.started();
    }
    return sent;
  };
  const first = new PathPace({ clock, timeScale: 1 });
  first.limit(limits);
  expect(sendFor(first, 1_000)).toBeLessThanOrEqual(21);
  expect(sendFor(first, 29_000)).toBeGreaterThanOrEqual(79);
  const second = new PathPace({ clock, timeScale: 1 });
  second.limit(limits);
  second.restore(first.snapshot());
  expect(sendFor(second, 20_000)).toBe(0);
  expect(sendFor(second, 60_000)).toBe(100);
});
