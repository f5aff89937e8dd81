import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { deliveryWorld, passTime } from '../../test/support/delivery-world.ts';
import type { DeliveryWorld } from '../../test/support/delivery-world.ts';
import type { FakeAnswer } from '../../test/support/fake-smtp.ts';
import { openCampaign } from '../../test/support/memory-store.ts';
import { openStore } from '../storage/sqlite/index.ts';
import type { EngineOptions } from './engine.ts';
import type { SourcePlan } from './source-choice.ts';
import { dayMs, dayOf } from './warm-up.ts';

const plan = { id: 'short', days: [10, 20, 40], providers: {} };
const hourMs = 3_600_000;

type Sent = { readonly to: string; readonly source: string | null; readonly day: number };

/** Servers that take everything, but what `answer` says. */
function world(answer: (to: string, source: string | null) => FakeAnswer = () => ({ kind: 'accept' })) {
  const sent: Sent[] = [];
  const made: DeliveryWorld = deliveryWorld({
    connection: ({ localAddress: source }) => ({
      kind: 'open',
      answer: ({ to }) => {
        sent.push({ to, source, day: dayOf(made.clock.now()) - dayOf(startMs) });
        return answer(to, source);
      },
    }),
  });
  const startMs = made.clock.now();
  return { world: made, sent, startDay: dayOf(startMs) };
}

function young(ip: string, startDay: number): SourcePlan {
  return { ip, pool: 'default', warmup: { startDay, plan } };
}

function warm(ip: string, pool = 'default'): SourcePlan {
  return { ip, pool, warmup: null };
}

function withSources(sources: readonly SourcePlan[]): Partial<EngineOptions> {
  return {
    sources: sources.map(({ ip }) => ({ ip, hostname: 'client.example' })),
    warmup: { sources, history: [] },
  };
}

function addresses(count: number, domain = 'a.example'): string[] {
  return Array.from({ length: count }, (_, index) => `m${index}@${domain}`);
}

async function runAll(made: DeliveryWorld, change: Partial<EngineOptions>): Promise<void> {
  const run = made.engine(change).run();
  await passTime(made.clock, run, { mostMs: 10 * dayMs });
  await run;
  expect(made.clock.pendingTimers - made.smtp.pendingTimers).toBe(0);
}

function byDay(sent: readonly Sent[], source: string): readonly number[] {
  const of = sent.filter((each) => each.source === source);
  return [0, 1, 2, 3].map((day) => of.filter((each) => each.day === day).length);
}

describe('a source that is being warmed up', () => {
  test('sends what its day allows, and a warm one of its pool the rest at once', async () => {
    const { world: made, sent, startDay } = world();
    made.accept(addresses(100), 5 * dayMs);
    await runAll(made, withSources([young('192.0.2.1', startDay), warm('192.0.2.2')]));
    expect(byDay(sent, '192.0.2.1')).toEqual([10, 0, 0, 0]);
    expect(byDay(sent, '192.0.2.2')).toEqual([90, 0, 0, 0]);
  });

  test('alone in its pool, grows from day to day while the rest waits and says so', async () => {
    const { world: made, sent, startDay } = world();
    made.accept(addresses(60), 5 * dayMs);
    await runAll(made, withSources([young('192.0.2.1', startDay)]));
    expect(byDay(sent, '192.0.2.1')).toEqual([10, 20, 30, 0]);
    const hold = made.held.find(({ because }) => because === 'warm-up');
    expect(hold?.domain).toBe('a.example');
    expect(hold?.untilMs).toBe((startDay + 1) * dayMs);
    expect(hold?.detail).toMatch(/day 1\/3/);
    expect(made.store.ledger().total).toMatchObject({ delivered: 60, waiting: 0 });
    expect(made.store.holds()).toEqual([]);
  });

  test('does not lend from another pool', async () => {
    const { world: made, sent, startDay } = world();
    made.accept(addresses(40), 5 * dayMs);
    await runAll(made, withSources([young('192.0.2.1', startDay), warm('192.0.2.2', 'transactional')]));
    expect(byDay(sent, '192.0.2.1')).toEqual([10, 10, 0, 0]);
    expect(byDay(sent, '192.0.2.2')).toEqual([20, 0, 0, 0]);
  });

  test('has a number for each provider', async () => {
    const { world: made, sent, startDay } = world();
    made.accept([...addresses(30), ...addresses(30, 'b.example')], 5 * dayMs);
    const providerIdOf: EngineOptions['providerIdOf'] = ({ domain }) =>
      domain === 'a.example' ? 'gmail' : null;
    await runAll(made, { ...withSources([young('192.0.2.1', startDay), warm('192.0.2.2')]), providerIdOf });
    expect(sent.filter(({ source, to }) => source === '192.0.2.1' && to.endsWith('a.example'))).toHaveLength(
      10,
    );
    expect(sent.filter(({ source, to }) => source === '192.0.2.1' && to.endsWith('b.example'))).toHaveLength(
      10,
    );
  });

  test('tries again what was deferred from the same source', async () => {
    const tries = new Map<string, (string | null)[]>();
    const { world: made, startDay } = world((to, source) => {
      const before = tries.get(to) ?? [];
      tries.set(to, [...before, source]);
      return before.length === 0 ? { kind: 'reply', code: 451, stage: 'rcpt' } : { kind: 'accept' };
    });
    made.accept(addresses(40), 5 * dayMs);
    await runAll(made, withSources([young('192.0.2.1', startDay), warm('192.0.2.2')]));
    expect([...tries.values()].every(([first, second]) => first === second)).toBe(true);
    expect([...tries.values()].filter(([first]) => first === '192.0.2.1')).toHaveLength(10);
  });

  test('stops for the day on bad signs', async () => {
    const { world: made, sent, startDay } = world(() => ({ kind: 'reply', code: 550, stage: 'eom' }));
    const big = { ...plan, days: [1_000] };
    made.accept(addresses(200), 5 * dayMs);
    const source = { ip: '192.0.2.1', pool: 'default', warmup: { startDay, plan: big } };
    await runAll(made, {
      ...withSources([source, warm('192.0.2.2')]),
      reader: { read: () => ({ verdict: 'spamdetected', detail: null, rule: null, confidence: 1 }) },
      mostSessions: 1,
    });
    // What it had been given by then still goes out of it.
    expect(byDay(sent, '192.0.2.1')[0]).toBeLessThanOrEqual(100);
    expect(made.store.ledger().total).toMatchObject({ bounced: 200 });
  });
});

test('what a source has sent today is counted in the transaction of its outcome, and goes on counting after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-warm-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { world: made, sent, startDay } = world();
  const sources = [young('192.0.2.1', startDay)];
  for (const round of [1, 2]) {
    const store = openStore({ folder, clock: made.clock, create: true });
    const history = store.sourceDays.since(startDay);
    if (round === 1) {
      const to = addresses(15).map((address) => ({ address, domain: 'a.example', variables: {} }));
      openCampaign(store, to, { name: 'c-1', createdMs: made.clock.now(), expiresMs: 5 * dayMs });
    }
    const engine = made.engine({
      ...withSources(sources),
      store: store.delivery,
      warmup: { sources, history },
    });
    const run = engine.run();
    // The second run begins on the same day, and must not begin the day's number anew.
    made.clock.after(hourMs, () => engine.stop(1_000));
    await passTime(made.clock, run, { mostMs: 2 * hourMs });
    await run;
    expect(store.sourceDays.since(startDay)).toEqual([
      { day: startDay, source: '192.0.2.1', provider: '', messages: 10, bad: 0 },
    ]);
    expect(sent).toHaveLength(10);
    store.close();
  }
});
