import { expect, test } from 'vitest';
import { deliveryWorld, passTime } from '../../test/support/delivery-world.ts';
import type { DeliveryWorld } from '../../test/support/delivery-world.ts';
import type { FakeConnection } from '../../test/support/fake-smtp.ts';
import { openCampaign } from '../../test/support/memory-store.ts';
import type { Engine } from './engine.ts';
import type { ArrivedMessage, DeliveryStore } from './ports.ts';

const hourMs = 3_600_000;

type Arrival = { readonly to: string; readonly atMs: number };

/** Messages are stored in one campaign, as those of a day are, and the engine is told of each. */
function world(wrap?: (delivery: DeliveryStore) => DeliveryStore): {
  readonly made: DeliveryWorld;
  readonly arrivals: Arrival[];
  readonly store: (to: string, notBeforeMs?: number) => ArrivedMessage;
} {
  const arrivals: Arrival[] = [];
  const made: DeliveryWorld = deliveryWorld({
    connection: (): FakeConnection => ({
      kind: 'open',
      answer: ({ to }) => {
        arrivals.push({ to, atMs: made.clock.now() });
        return { kind: 'accept' };
      },
    }),
    ...(wrap === undefined ? {} : { wrap }),
  });
  const facts = { createdMs: made.clock.now(), expiresMs: 100 * hourMs, name: 'c-day' } as const;
  const day = openCampaign(made.store, [], { ...facts, stream: 'transactional' });
  const store = (to: string, notBeforeMs = 0): ArrivedMessage => {
    const domain = to.slice(to.indexOf('@') + 1);
    const id = made.store.add(day.id, { address: to, domain, variables: {} }, notBeforeMs);
    const fresh = { attempts: 0, unknowns: 0, timezone: null, expiresMs: made.clock.now() + 100 * hourMs };
    return { id, campaignId: day.id, stream: 'transactional', domain, notBeforeMs, ...fresh };
  };
  return { made, arrivals, store };
}

async function stopLater(made: DeliveryWorld, engine: Engine, afterMs: number): Promise<void> {
  made.clock.after(afterMs, () => engine.stop(1_000));
  const run = engine.run();
  await passTime(made.clock, run, { mostMs: 200 * hourMs });
  await run;
}

test('what is stored while the engine has nothing to do is sent at once', async () => {
  const { made, arrivals, store } = world();
  const engine = made.engine({ stays: true });
  const storedMs: number[] = [];
  for (const at of [1, 2, 3])
    made.clock.after(at * 10_000, () => {
      storedMs.push(made.clock.now());
      engine.arrived([store(`m${at}@a.example`)]);
    });
  await stopLater(made, engine, hourMs);
  expect(arrivals.map(({ to }) => to)).toEqual(['m1@a.example', 'm2@a.example', 'm3@a.example']);
  for (const [at, { atMs }] of arrivals.entries()) expect(atMs - (storedMs[at] ?? 0)).toBeLessThan(100);
  expect(made.store.ledger().total).toMatchObject({ delivered: 3, waiting: 0 });
});

test('nobody gets it twice, whether it is told of before, while or after the store is read', async () => {
  let engine: Engine | null = null;
  let more = 2;
  const { made, arrivals, store } = world((delivery) => ({
    ...delivery,
    // Between two pages, and in the same turn as the first.
    queuedPage(afterId, limit, campaignId) {
      const page = delivery.queuedPage(afterId, limit, campaignId);
      if (more > 0) engine?.arrived([store(`while${(more -= 1)}@a.example`)]);
      return page;
    },
  }));
  // More than a page.
  for (let at = 0; at < 2_050; at += 1) store(`left${at}@a.example`);
  engine = made.engine({ stays: true });
  for (let at = 0; at < 5; at += 1) engine.arrived([store(`before${at}@a.example`)]);
  for (let at = 0; at < 5; at += 1)
    made.clock.after(1_000 + at, () => engine?.arrived([store(`after${at}@a.example`)]));
  await stopLater(made, engine, hourMs);
  const names = arrivals.map(({ to }) => to);
  expect(new Set(names).size).toBe(names.length);
  const { accepted, delivered, waiting } = made.store.ledger().total;
  expect([delivered, waiting, names.length]).toEqual([accepted, 0, accepted]);
  expect([accepted, more]).toEqual([2_050 + 5 + 5 + 2, 0]);
});

test('what is scheduled goes out at its time of day, also days ahead and by a clock that is set', async () => {
  const { made, arrivals, store } = world();
  const startMs = made.clock.now();
  const engine = made.engine({ stays: true });
  const [soonMs, lateMs] = [startMs + 2 * hourMs, startMs + 50 * hourMs];
  store('stored-before@a.example', soonMs);
  made.clock.after(1_000, () => {
    engine.arrived([
      store('late@a.example', lateMs),
      store('soon@a.example', soonMs),
      store('now@a.example'),
    ]);
  });
  made.clock.after(3 * hourMs, () => made.clock.step(40 * hourMs));
  await stopLater(made, engine, 30 * hourMs);
  const lateness = new Map(arrivals.map(({ to, atMs }) => [to, atMs - startMs]));
  expect([...lateness.keys()]).toHaveLength(4);
  expect(lateness.get('now@a.example')).toBeLessThan(2_000);
  for (const name of ['stored-before@a.example', 'soon@a.example']) {
    expect(lateness.get(name)).toBeGreaterThanOrEqual(2 * hourMs);
    expect(lateness.get(name)).toBeLessThan(2 * hourMs + 1_000);
  }
  expect(lateness.get('late@a.example')).toBeGreaterThanOrEqual(50 * hourMs);
  expect(lateness.get('late@a.example')).toBeLessThan(50 * hourMs + 62_000);
});

test('a password reset overtakes a campaign that is under way', async () => {
  const { made, arrivals, store } = world();
  made.accept(
    Array.from({ length: 3_000 }, (_, at) => `m${at}@a.example`),
    100 * hourMs,
  );
  const engine = made.engine({ stays: true });
  let toldMs = 0;
  made.clock.after(500, () => {
    toldMs = made.clock.now();
    engine.arrived([store('reset@a.example')]);
  });
  await stopLater(made, engine, 20 * hourMs);
  const reset = arrivals.find(({ to }) => to === 'reset@a.example');
  expect((reset?.atMs ?? Infinity) - toldMs).toBeLessThan(100);
  expect(arrivals).toHaveLength(3_001);
});
