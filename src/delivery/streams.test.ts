import { expect, test } from 'vitest';
import { deliveryWorld, passTime } from '../../test/support/delivery-world.ts';
import type { DeliveryWorld, WorldOptions } from '../../test/support/delivery-world.ts';
import type { FakeConnection } from '../../test/support/fake-smtp.ts';
import { openCampaign } from '../../test/support/memory-store.ts';
import type { Stream } from '../events/index.ts';
import type { EngineOptions } from './engine.ts';

type Arrival = { readonly to: string; readonly atMs: number };

/** Servers that take everything, at their own speed; each arrival is written down. */
function world(options: Partial<WorldOptions> = {}) {
  const arrivals: Arrival[] = [];
  const made: DeliveryWorld = deliveryWorld({
    connection: (): FakeConnection => ({
      kind: 'open',
      answer: ({ to }) => {
        arrivals.push({ to, atMs: made.clock.monotonic() });
        return { kind: 'accept' };
      },
    }),
    ...options,
  });
  return { ...made, arrivals };
}

function addresses(count: number, name: string, domain = 'a.example'): string[] {
  return Array.from({ length: count }, (_, index) => `${name}${index}@${domain}`);
}

let names = 0;
function accept(made: DeliveryWorld, to: readonly string[], stream: Stream = 'bulk'): number {
  const facts = { createdMs: made.clock.now(), expiresMs: 3_600_000, stream, name: `c-${(names += 1)}` };
  const recipients = to.map((address) => ({ address, domain: address.split('@')[1] ?? '', variables: {} }));
  return openCampaign(made.store, recipients, facts).id;
}

/** Runs the engine; while it does, one password reset is accepted every so often. Returns how long each took. */
async function waitsOfResets(
  made: ReturnType<typeof world>,
  plan: { readonly resets: number; readonly everyMs: number; readonly change?: Partial<EngineOptions> },
): Promise<readonly number[]> {
  const engine = made.engine(plan.change);
  const acceptedMs: number[] = [];
  const acceptOne = (): void => {
    acceptedMs.push(made.clock.monotonic());
    engine.opened([accept(made, [`reset${acceptedMs.length - 1}@a.example`], 'transactional')]);
    if (acceptedMs.length < plan.resets) made.clock.after(plan.everyMs, acceptOne);
  };
  made.clock.after(plan.everyMs, acceptOne);
  const run = engine.run();
  await passTime(made.clock, run, { mostMs: 3_600_000 });
  await run;
  return acceptedMs.map((sinceMs, index) => {
    const arrival = made.arrivals.find(({ to }) => to === `reset${index}@a.example`);
    if (arrival === undefined) throw new Error(`reset ${index} did not arrive`);
    return arrival.atMs - sinceMs;
  });
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Infinity;
}

test.each([
  { carriers: undefined, roundTripMs: 100 },
  { carriers: 2, roundTripMs: 100 },
])('a password reset never waits for a campaign ($carriers carriers)', async ({ carriers, roundTripMs }) => {
  const made = world({ roundTripMs, ...(carriers === undefined ? {} : { carriers }) });
  accept(made, addresses(3_000, 'm'));
  const waits = await waitsOfResets(made, { resets: 100, everyMs: 300 });
  // All five connections are busy all the time: 3,000 messages of 100 ms are a minute of work.
  expect(made.arrivals).toHaveLength(3_100);
  expect(percentile(waits, 0.99)).toBeLessThan(1_000);
});

test('not even where each message takes two seconds and all connections are in use', async () => {
  const made = world({ roundTripMs: 2_000, dialMs: 100 });
  accept(made, addresses(600, 'm'));
  const change = { mostSessions: 12 };
  const waits = await waitsOfResets(made, { resets: 8, everyMs: 10_000, change });
  expect(made.arrivals).toHaveLength(608);
  // Until it is handed over: a connection is left to it. Behind bulk mail it would be two answers of two seconds.
  expect(Math.max(...waits.map((waitMs) => waitMs - 2_000))).toBeLessThan(1_000);
});

test('a small campaign does not wait for a large one that was there before', async () => {
  const made = world();
  accept(made, addresses(5_000, 'large'));
  accept(made, addresses(50, 'small'));
  const run = made.engine().run();
  await passTime(made.clock, run, { mostMs: 3_600_000 });
  await run;
  const lastSmall = made.arrivals.findLastIndex(({ to }) => to.startsWith('small'));
  // A message each in turn, and what was read ahead before.
  expect(lastSmall).toBeLessThan(100 + 2 * 64 + 20);
  expect(made.arrivals).toHaveLength(5_050);
});

test('one that stays goes on with what is opened later, until it is stopped', async () => {
  const made = world();
  const engine = made.engine({ stays: true });
  const run = engine.run();
  for (const delayMs of [1_000, 60_000]) {
    made.clock.after(delayMs, () => engine.opened([accept(made, [`at${delayMs}@a.example`])]));
  }
  made.clock.after(120_000, () => engine.stop(1_000));
  await passTime(made.clock, run, { mostMs: 300_000 });
  await run;
  expect(made.arrivals.map(({ to }) => to)).toEqual(['at1000@a.example', 'at60000@a.example']);
  expect(made.clock.pendingTimers - made.smtp.pendingTimers).toBe(0);
});
