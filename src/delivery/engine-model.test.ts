import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deliveryWorld, disk, passTime, plainReader } from '../../test/support/delivery-world.ts';
import { refusedConnection } from '../../test/support/fake-smtp.ts';
import type { FakeAnswer, FakeConnection } from '../../test/support/fake-smtp.ts';
import type { DeliveryStore } from './ports.ts';
import type { Router } from './route.ts';
import { makeSite } from './site.ts';

// What a world is made of. Lists are used up in order; behind their end everything goes well, so that each world ends.

const answer = fc.oneof(
  { weight: 6, arbitrary: fc.constant<FakeAnswer>({ kind: 'accept' }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<FakeAnswer>(
      { kind: 'reply', code: 550, stage: 'rcpt' },
      { kind: 'reply', code: 450, stage: 'rcpt' },
      { kind: 'reply', code: 421, stage: 'mail' },
      { kind: 'reply', code: 421, stage: 'rcpt' },
      { kind: 'reply', code: 554, stage: 'eom' },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<FakeAnswer>(
      { kind: 'break' },
      { kind: 'drop', kept: true },
      { kind: 'drop', kept: false },
    ),
  },
);

type Shape = {
  readonly fails: boolean;
  readonly pipelining: boolean;
  readonly closesAfter: number;
  readonly greeting: 'none' | 'closes' | 'says-421';
};

const shape: fc.Arbitrary<Shape> = fc.record({
  fails: fc.boolean(),
  pipelining: fc.boolean(),
  closesAfter: fc.constantFrom(1, 2, 1_000),
  greeting: fc.constantFrom('none', 'none', 'none', 'closes', 'says-421'),
});

const routes = ['own', 'shared', 'nxdomain', 'servfail'] as const;

const worldArbitrary = fc.record({
  messages: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 60 }),
  answers: fc.array(answer, { maxLength: 80 }),
  shapes: fc.array(shape, { maxLength: 25 }),
  routes: fc.array(fc.constantFrom(...routes), { minLength: 6, maxLength: 6 }),
  commitFails: fc.array(fc.boolean(), { maxLength: 12 }),
  readFails: fc.array(fc.boolean(), { maxLength: 12 }),
  stopsAfterMs: fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 4 }),
  clockSteps: fc.array(fc.integer({ min: -7_200_000, max: 7_200_000 }), { maxLength: 3 }),
  speeding: fc.boolean(),
  carriers: fc.constantFrom(0, 1, 2, 3),
  turns: fc.integer({ min: 1, max: 12 }),
});

type World = typeof worldArbitrary extends fc.Arbitrary<infer T> ? T : never;

const roomy: Shape = { fails: false, pipelining: true, closesAfter: 1_000, greeting: 'none' };

function routerOf(plan: World): Router {
  const failures = new Map<string, number>();
  return (domain) => {
    const kind = plan.routes[Number(domain.slice(1, 2))] ?? 'own';
    const failed = failures.get(domain) ?? 0;
    if (kind === 'nxdomain') return Promise.resolve({ kind: 'refused', cause: 'dns-nxdomain', text: 'no' });
    if (kind === 'servfail' && failed < 2) {
      failures.set(domain, failed + 1);
      return Promise.resolve({ kind: 'held', cause: 'dns-servfail', text: 'failed' });
    }
    const host = kind === 'shared' ? 'mx.shared.example' : `mx.${domain}`;
    const site = makeSite([{ host, port: 25, preference: 10 }]);
    return Promise.resolve({ kind: 'site', site, untilMs: Number.POSITIVE_INFINITY });
  };
}

/** The store as seen by the engine: fails now and then, and tells what it dropped. */
function faulty(delivery: DeliveryStore, plan: World, seen: { dropped: number }): DeliveryStore {
  const reads = [...plan.readFails];
  const commits = [...plan.commitFails];
  const failsNow = (list: boolean[]): void => {
    if (list.shift() === true) throw disk;
  };
  return {
    ...delivery,
    queuedPage(afterId, limit) {
      failsNow(reads);
      return delivery.queuedPage(afterId, limit);
    },
    messageRows(ids) {
      failsNow(reads);
      return delivery.messageRows(ids);
    },
    commit(...work) {
      failsNow(commits);
      const result = delivery.commit(...work);
      seen.dropped += result.dropped;
      return result;
    },
  };
}

/** Runs a world to its end, with stops and restarts; returns what has to hold. */
async function live(plan: World): Promise<void> {
  const answers = [...plan.answers];
  const shapes = [...plan.shapes];
  const taken = new Map<string, number>();
  const mayBeTwice = new Set<string>();
  const seen = { dropped: 0 };
  const idOf = new Map<string, number>();
  const connection = (): FakeConnection => {
    const { fails, greeting, ...rest } = shapes.shift() ?? roomy;
    if (fails) return { kind: 'fail', failure: refusedConnection };
    const greets = greeting === 'none' ? {} : { greeting };
    return { kind: 'open', ...rest, ...greets, answer: ({ to }) => answerTo(to) };
  };
  const answerTo = (to: string): FakeAnswer => {
    // What is durable as final is never sent again.
    expect(world.store.message(idOf.get(to) ?? 0)?.state).toBe('waiting');
    const given = answers.shift() ?? { kind: 'accept' };
    if (given.kind === 'drop') mayBeTwice.add(to);
    if (given.kind === 'accept') taken.set(to, (taken.get(to) ?? 0) + 1);
    return given;
  };
  const world = deliveryWorld({
    connection,
    router: routerOf(plan),
    reader: plainReader(plan.speeding),
    ...(plan.carriers > 0 ? { carriers: plan.carriers } : {}),
    wrap: (delivery) => faulty(delivery, plan, seen),
  });
  const addresses = plan.messages.map((domain, index) => `m${index}@d${domain}.example`);
  world.accept(addresses);
  for (const [index, address] of addresses.entries()) idOf.set(address, index + 1);
  const steps = [...plan.clockSteps];
  for (const afterMs of [...plan.stopsAfterMs, null]) {
    const engine = world.engine();
    const run = engine.run();
    const stop = world.clock.after(afterMs ?? 8 * 3_600_000, () => engine.stop(5_000));
    const step = world.clock.after(1_000, () => world.clock.step(steps.shift() ?? 0));
    await passTime(world.clock, run, { mostMs: 8 * 3_600_000, turns: plan.turns });
    stop.cancel();
    step.cancel();
    // Only a disk that is full at the very end may keep outcomes from the ledger, and then the run says so.
    await run.catch((error: unknown) => {
      expect(error).toBe(disk);
      for (const address of addresses) mayBeTwice.add(address);
    });
  }
  await world.clock.advance(10_000);
  const run = world.engine().run();
  await passTime(world.clock, run, { mostMs: 8 * 3_600_000, turns: plan.turns });
  await run;
  for (const [index, address] of addresses.entries()) {
    const message = world.store.message(index + 1);
    expect(message?.state).toBeOneOf(['delivered', 'bounced', 'expired']);
    if (!mayBeTwice.has(address)) {
      expect(taken.get(address) ?? 0).toBe(message?.state === 'delivered' ? 1 : 0);
    }
  }
  expect(seen.dropped).toBe(0);
  expect(world.store.delivery.waitingCount()).toBe(0);
  expect(world.smtp.open).toBe(0);
  expect(world.clock.pendingTimers).toBe(0);
  const most = plan.shapes.length + 3 * (plan.messages.length + plan.answers.length) + 50;
  expect(world.smtp.dials.length).toBeLessThan(most);
}

test(
  'whatever servers, disks, clocks and operators do, each message ends once and the engine ends',
  { timeout: 120_000 },
  async () => {
    await fc.assert(fc.asyncProperty(worldArbitrary, live), { numRuns: 200 });
  },
);
