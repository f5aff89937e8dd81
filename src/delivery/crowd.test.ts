import { describe, expect, test } from 'vitest';
import { deliveryWorld, passTime, plainReader } from '../../test/support/delivery-world.ts';
import type { DeliveryWorld } from '../../test/support/delivery-world.ts';
import { refusedConnection } from '../../test/support/fake-smtp.ts';
import type { FakeAnswer } from '../../test/support/fake-smtp.ts';
import { openCampaign } from '../../test/support/memory-store.ts';
import { Crowd } from './crowd.ts';
import type { Flow } from './flow.ts';

const flow: Flow = { campaignId: 1, stream: 'bulk', window: '', closesMs: Infinity };
const secondMs = 1_000;

test('what waits is given back in its order, a part of it or all', () => {
  let released = 0;
  const crowd = new Crowd(() => (released += 1));
  for (let id = 1; id <= 10; id++) crowd.put('s', { id, domain: id % 2 === 0 ? 'even' : 'odd', flow });
  crowd.put('other', { id: 11, domain: 'x', flow });
  expect([crowd.isReleasing, crowd.take(5)]).toEqual([false, []]);
  crowd.release('s', 7);
  const first = [...crowd.take(4), ...crowd.take(100)].map(({ id, domain }) => [id, domain]);
  expect(first).toEqual([
    [1, 'odd'],
    [3, 'odd'],
    [5, 'odd'],
    [7, 'odd'],
    [9, 'odd'],
    [2, 'even'],
    [4, 'even'],
  ]);
  expect([...crowd.standing()].map((queue) => queue.length).toSorted((a, b) => a - b)).toEqual([1, 3]);
  crowd.releaseOfEach(2);
  expect(crowd.take(100).map(({ id }) => id)).toEqual([6, 8, 11]);
  crowd.release('s');
  crowd.release('nobody');
  expect(crowd.take(100).map(({ id }) => id)).toEqual([10]);
  expect([...crowd.standing()]).toEqual([]);
  expect(crowd.isReleasing).toBe(false);
  expect(released).toBe(4);
});

function world(answer: (to: string, atMs: number) => FakeAnswer | 'down') {
  const arrivals = new Map<string, number>();
  const made: DeliveryWorld = deliveryWorld({
    carriers: 3,
    reader: plainReader(true),
    connection: () => {
      const startedMs = made.clock.monotonic() - beganMs;
      if (answer('', startedMs) === 'down') return { kind: 'fail', failure: refusedConnection };
      return {
        kind: 'open',
        answer: ({ to }) => {
          const said = answer(to, made.clock.monotonic() - beganMs);
          if (said === 'down') return { kind: 'break' };
          if (said.kind === 'accept') arrivals.set(to, (arrivals.get(to) ?? 0) + 1);
          return said;
        },
      };
    },
  });
  const beganMs = made.clock.monotonic();
  return { ...made, arrivals };
}

type Made = ReturnType<typeof world>;

function accept(made: Made, name: string, count: number, expiresMs = 86_400_000): number {
  const recipients = Array.from({ length: count }, (_, index) => ({
    address: `${name}.${index}@a.example`,
    domain: 'a.example',
    variables: {},
  }));
  return openCampaign(made.store, recipients, { name, createdMs: made.clock.now(), expiresMs }).id;
}

const accepted: FakeAnswer = { kind: 'accept' };

describe('a long queue of a site that nothing is known of', () => {
  test('is shared once the site is known, and gathered again when it shows a limit: each mail once', async () => {
    const state = { open: 0, most: 0 };
    const made = world((to, atMs) => {
      if (to === '') return accepted;
      // For a while from the fifth second on, every twentieth message is too fast.
      state.open++;
      const isCross = atMs > 5 * secondMs && atMs < 20 * secondMs && state.open % 20 === 0;
      return isCross ? { kind: 'reply', code: 421, stage: 'mail' } : accepted;
    });
    accept(made, 'c-1', 9_000);
    const run = made.engine({ mostSessions: 18 }).run();
    await passTime(made.clock, run, { mostMs: 86_400_000 });
    await run;
    expect(made.arrivals.size).toBe(9_000);
    expect([...made.arrivals.values()].filter((count) => count !== 1)).toEqual([]);
    expect(made.store.ledger().total).toMatchObject({ delivered: 9_000, waiting: 0 });
    expect(made.clock.pendingTimers - made.smtp.pendingTimers).toBe(0);
  });

  test('another campaign does not wait for one that is cancelled', async () => {
    const made = world((_, atMs) => (atMs < 10 * secondMs ? 'down' : accepted));
    const first = accept(made, 'c-1', 5_000);
    accept(made, 'c-2', 3_000);
    const run = made.engine().run();
    made.clock.after(5 * secondMs, () => made.store.campaigns.cancel(first, made.clock.now()));
    await passTime(made.clock, run, { mostMs: 86_400_000 });
    await run;
    expect([...made.arrivals.keys()].filter((to) => to.startsWith('c-1'))).toEqual([]);
    expect(made.arrivals.size).toBe(3_000);
    expect(made.store.ledger().total).toMatchObject({ delivered: 3_000, cancelled: 5_000, waiting: 0 });
  });

  test('expires where it stands', async () => {
    const made = world(() => 'down');
    accept(made, 'c-1', 5_000, 60 * secondMs);
    const run = made.engine().run();
    await passTime(made.clock, run, { mostMs: 3_600_000 });
    await run;
    expect(made.store.ledger().total).toMatchObject({ expired: 5_000, waiting: 0 });
  });

  test('goes on where all that were tried are put off', async () => {
    const tries = new Map<string, number>();
    const made = world((to) => {
      if (to === '') return accepted;
      const before = tries.get(to) ?? 0;
      tries.set(to, before + 1);
      return before === 0 ? { kind: 'reply', code: 451, stage: 'rcpt' } : accepted;
    });
    accept(made, 'c-1', 6_000);
    const run = made.engine().run();
    await passTime(made.clock, run, { mostMs: 3_600_000 });
    await run;
    expect(made.store.ledger().total).toMatchObject({ delivered: 6_000, waiting: 0 });
    expect([...tries.values()].every((count) => count === 2)).toBe(true);
  });

  test('a password reset goes past it', async () => {
    const made = world((_, atMs) =>
      atMs < 10 * secondMs ? { kind: 'reply', code: 451, stage: 'rcpt' } : accepted,
    );
    accept(made, 'c-1', 6_000);
    const engine = made.engine();
    const run = engine.run();
    made.clock.after(10 * secondMs, () => {
      const recipients = [{ address: 'reset@a.example', domain: 'a.example', variables: {} }];
      const facts = { name: 'c-2', createdMs: made.clock.now(), stream: 'transactional' as const };
      engine.opened([openCampaign(made.store, recipients, facts).id]);
    });
    await passTime(made.clock, run, { mostMs: 3_600_000 });
    await run;
    expect([...made.arrivals.keys()].indexOf('reset@a.example')).toBeLessThan(50);
    expect(made.arrivals.size).toBe(6_001);
  });
});
