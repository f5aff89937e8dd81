import { describe, expect, test } from 'vitest';
import { deliveryWorld, passTime, plainReader } from '../support/delivery-world.ts';
import type { DeliveryWorld } from '../support/delivery-world.ts';
import { refusedConnection } from '../support/fake-smtp.ts';
import type { FakeConnection } from '../support/fake-smtp.ts';
import { memoryPaces } from '../support/memory-paces.ts';
import { tooFast } from '../support/smtp-failures.ts';

type Second = { accepted: number; refused: number };

/** A provider that nobody has told us about: so many messages a second and connections an IP, 421 beyond. */
function strictProvider(options: {
  readonly now: () => number;
  readonly perSecond: () => number;
  readonly connections: number;
}) {
  const seconds: Second[] = [];
  let windowMs = -Infinity;
  let inWindow = 0;
  let open = 0;
  let replies = 0;
  const place = (): Second => {
    const index = Math.floor(options.now() / 1_000);
    return (seconds[index] ??= { accepted: 0, refused: 0 });
  };
  const refuse = (): void => {
    place().refused++;
    replies++;
  };
  const connection = (): FakeConnection => {
    if (open >= options.connections) {
      refuse();
      return { kind: 'fail', failure: tooFast };
    }
    open++;
    return {
      kind: 'open',
      onEnd: () => void open--,
      answer: () => {
        if (options.now() - windowMs >= 1_000) {
          windowMs = options.now();
          inWindow = 0;
        }
        if (++inWindow > options.perSecond()) {
          refuse();
          return { kind: 'reply', code: 421, stage: 'mail' };
        }
        place().accepted++;
        return { kind: 'accept' };
      },
    };
  };
  const sum = (from: number, to: number): Second =>
    seconds.slice(from, to).reduce(
      (all, each) => ({
        accepted: all.accepted + (each?.accepted ?? 0),
        refused: all.refused + (each?.refused ?? 0),
      }),
      { accepted: 0, refused: 0 },
    );
  return { connection, sum, replies: () => replies };
}

/** Runs the engine for so long, then stops it. */
async function runFor(
  world: DeliveryWorld,
  ms: number,
  change: Parameters<DeliveryWorld['engine']>[0] = {},
): Promise<void> {
  const engine = world.engine(change);
  const run = engine.run();
  const stop = world.clock.after(ms, () => engine.stop(5_000));
  await passTime(world.clock, run, { mostMs: ms + 60_000, turns: 4 });
  stop.cancel();
}

const addresses = (count: number, domain = 'a.example'): string[] =>
  Array.from({ length: count }, (_, index) => `m${index}@${domain}`);

test(
  'the engine finds 50/s over 5 connections, keeps to a halved allowance, and remembers it',
  { timeout: 60_000 },
  async () => {
    const state = { perSecond: 50 };
    const paces = memoryPaces();
    const world: DeliveryWorld = deliveryWorld({
      connection: () => provider.connection(),
      reader: plainReader(true),
      roundTripMs: 30,
    });
    const startMs = world.clock.monotonic();
    const provider = strictProvider({
      now: () => world.clock.monotonic() - startMs,
      perSecond: () => state.perSecond,
      connections: 5,
    });
    world.accept(addresses(14_000), 86_400_000);
    world.clock.after(180_000, () => (state.perSecond = 25));
    await runFor(world, 300_000, { mostSessions: 20, paces });
    const learnt = provider.sum(60, 180);
    expect(learnt.accepted).toBeGreaterThanOrEqual(0.85 * 50 * 120);
    expect(learnt.refused).toBeLessThanOrEqual(0.02 * (learnt.accepted + learnt.refused));
    const halved = provider.sum(210, 300);
    expect(halved.accepted).toBeGreaterThanOrEqual(0.85 * 25 * 90);
    expect(halved.refused).toBeLessThanOrEqual(0.02 * (halved.accepted + halved.refused));
    expect(provider.replies()).toBeLessThan(30);
    // A new run begins where the last one ended.
    const repliesBefore = provider.replies();
    await runFor(world, 30_000, { mostSessions: 20, paces, shaped: paces.facts() });
    const resumed = provider.sum(302, 330);
    expect(resumed.accepted).toBeGreaterThanOrEqual(0.8 * 25 * 28);
    expect(provider.replies() - repliesBefore).toBeLessThanOrEqual(1);
    expect(paces.eventsOf('mx.a.example:25', 10)[0]?.because).toBe('speeding');
  },
);

/** Works through a queue, long enough for several carriers, at a provider that has `perSecond` at a time. */
async function repliesOf(
  carriers: number,
  {
    perSecond,
    connections = 5,
  }: { readonly perSecond: (nowMs: number) => number; readonly connections?: number },
): Promise<number> {
  const world: DeliveryWorld = deliveryWorld({
    carriers,
    connection: () => provider.connection(),
    reader: plainReader(true),
    roundTripMs: 20,
  });
  const startMs = world.clock.monotonic();
  const now = (): number => world.clock.monotonic() - startMs;
  const provider = strictProvider({ now, perSecond: () => perSecond(now()), connections });
  world.accept(addresses(14_000), 86_400_000);
  await runFor(world, 330_000, { mostSessions: 20 });
  const seconds = Array.from({ length: 300 }, (_, second) => perSecond(1_000 * second + 500));
  const possible = seconds.reduce((sum, each) => sum + Math.min(each, 100), 0);
  const { delivered, waiting } = world.store.ledger().total;
  expect(delivered + waiting).toBe(14_000);
  expect(delivered).toBeGreaterThanOrEqual(Math.min(14_000, 0.8 * possible));
  expect(provider.sum(0, 331).accepted).toBe(delivered);
  return provider.replies();
}

describe('a provider that blocks for 20 minutes after 20 throttle replies never does', () => {
  const timeout = 60_000;

  test.each([
    [1, 5],
    [2, 5],
    [4, 5],
    [1, 40],
    [2, 40],
  ])('%i carriers, %i connections allowed', { timeout }, async (carriers, connections) => {
    expect(await repliesOf(carriers, { perSecond: () => 50, connections })).toBeLessThan(20);
  });

  test.each([1, 2, 4])('nor where it shows its limit late (%i carriers)', { timeout }, async (carriers) => {
    const perSecond = (nowMs: number): number => (nowMs < 12_000 ? 500 : 40);
    expect(await repliesOf(carriers, { perSecond })).toBeLessThan(20);
  });

  test('where all carriers have part in a site when it shows one, a single one keeps it from then on', async () => {
    const perSecond = (nowMs: number): number => (nowMs < 12_000 ? 500 : 40);
    const replies = await Promise.all(
      [1, 4].map(async (carriers) => await repliesOf(carriers, { perSecond, connections: 40 })),
    );
    // All 20 sessions are told at once, so it is more than 20; but no more than one carrier alone is told.
    expect(replies[1]).toBeLessThanOrEqual(1.1 * (replies[0] ?? 0));
  });
});

test(
  'twelve providers at once, one down and one blocking: the others take as long as alone',
  { timeout: 60_000 },
  async () => {
    const names = Array.from({ length: 12 }, (_, index) => `p${index}.example`);
    const each = 300;
    const secondsFor = async (chosen: readonly string[]): Promise<ReadonlyMap<string, number>> => {
      const world: DeliveryWorld = deliveryWorld({
        connection: ({ host }) => {
          const name = host.slice('mx.'.length);
          if (name === names[0]) return { kind: 'fail', failure: refusedConnection };
          if (name === names[1])
            return { kind: 'open', answer: () => ({ kind: 'reply', code: 421, stage: 'mail' }) };
          return providers.get(name)?.connection() ?? { kind: 'fail', failure: refusedConnection };
        },
        reader: plainReader(true),
        roundTripMs: 25,
      });
      const startMs = world.clock.monotonic();
      const providers = new Map(
        chosen.map((name, index) => [
          name,
          strictProvider({
            now: () => world.clock.monotonic() - startMs,
            perSecond: () => 10 + 5 * index,
            connections: 5,
          }),
        ]),
      );
      world.accept(
        chosen.flatMap((name) => addresses(each, name)),
        86_400_000,
      );
      const lastMs = new Map<string, number>();
      await runFor(world, 120_000, {
        mostSessions: 20,
        listener: {
          committed: (batch) => {
            for (const { settlement, domain } of batch)
              if (settlement.next.state === 'delivered')
                lastMs.set(domain, settlement.event.atMs - Date.UTC(2026, 0, 1));
          },
          held: () => undefined,
          trouble: () => undefined,
        },
      });
      return lastMs;
    };
    const together = await secondsFor(names);
    const healthy = names.slice(2);
    // Alone: without the two that are ill.
    const alone = await secondsFor(['x.example', 'y.example', ...healthy]);
    for (const name of healthy) {
      expect(together.get(name)).toBeGreaterThan(0);
      expect(together.get(name) ?? Infinity).toBeLessThanOrEqual(1.1 * (alone.get(name) ?? 0) + 100);
    }
  },
);
