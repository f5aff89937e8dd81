import { describe, expect, test } from 'vitest';
import { deliveryWorld, passTime } from '../../test/support/delivery-world.ts';
import type { DeliveryWorld, WorldOptions } from '../../test/support/delivery-world.ts';
import type { FakeAnswer } from '../../test/support/fake-smtp.ts';
import { memoryReactions } from '../../test/support/memory-reactions.ts';
import type { ReactionRule, ReactionStep } from '../knowledge/index.ts';
import type { Transaction } from '../net/smtp-client/index.ts';
import type { EngineOptions } from './engine.ts';
import type { Reader } from './ports.ts';
import type { Reaction } from './reaction.ts';
import { makeSite } from './site.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const nobodyAsked = { site: null, source: null, campaignId: null };

/** 550 says that we are blocked, 554 that it is spam. */
const reader: Reader = {
  read(outcome) {
    const code = outcome.origin === 'remote' ? outcome.reply.code : 0;
    const verdict = code === 550 ? 'blocked' : code === 554 ? 'spamdetected' : null;
    return { verdict, detail: null, rule: null, confidence: 0.9 };
  },
};

function rule(steps: readonly ReactionStep[], facts: Partial<ReactionRule> = {}): ReactionRule {
  return {
    id: 'blocked-here',
    verdicts: ['blocked'],
    details: null,
    replyRules: null,
    providers: null,
    stages: null,
    kinds: null,
    leastConfidence: 0,
    times: 1,
    withinMs: 0,
    share: null,
    keeps: true,
    steps,
    meaning: { ja: '規則', en: 'a rule' },
    source: ['field'],
    writtenAt: 'ours.yaml:1',
    ...facts,
  };
}

function suspend(scope: 'source-at-site' | 'source' | 'domain-at-site'): ReactionStep {
  return { do: 'suspend', scope, forMs: 30 * minuteMs, longestMs: 6 * hourMs };
}

/** Blocks us at MAIL until `untilMs`; what was taken, with its time. */
function blockingUntil(untilMs: number, change: Partial<WorldOptions> = {}) {
  const taken: { readonly to: string; readonly atMs: number; readonly source: string | null }[] = [];
  const isBlocked = { by: (_transaction: Transaction): boolean => true };
  const world: DeliveryWorld = deliveryWorld({
    reader,
    connection: ({ localAddress }) => ({
      kind: 'open',
      answer: (transaction): FakeAnswer => {
        const atMs = world.clock.monotonic();
        if (atMs < startMs + untilMs && isBlocked.by(transaction))
          return { kind: 'reply', code: 550, stage: 'mail' };
        taken.push({ to: transaction.to, atMs: atMs - startMs, source: localAddress });
        return { kind: 'accept' };
      },
    }),
    ...change,
  });
  const startMs = world.clock.monotonic();
  return { world, taken, isBlocked };
}

function addresses(count: number, domain = 'a.example'): string[] {
  return Array.from({ length: count }, (_, index) => `m${index}@${domain}`);
}

async function runAll(world: DeliveryWorld, change: Partial<EngineOptions>): Promise<readonly Reaction[]> {
  const reacted: Reaction[] = [];
  const listener = {
    committed: (batch: Parameters<EngineOptions['listener']['committed']>[0]) =>
      void world.committed.push(...batch),
    held: (hold: Parameters<EngineOptions['listener']['held']>[0]) => void world.held.push(hold),
    trouble: (error: unknown) => void world.troubles.push(error),
    reacted: (reaction: Reaction) => void reacted.push(reaction),
  };
  const run = world.engine({ listener, ...change }).run();
  await passTime(world.clock, run, { mostMs: 12 * hourMs });
  await run;
  expect(world.clock.pendingTimers - world.smtp.pendingTimers).toBe(0);
  return reacted;
}

describe('a source that is blocked at MAIL', () => {
  test('bounces nobody: the way rests until the block is over, and says so', async () => {
    const { world, taken } = blockingUntil(20 * minuteMs);
    world.accept(addresses(50), 24 * hourMs);
    const reacted = await runAll(world, { reactions: [rule([suspend('source-at-site'), { do: 'alert' }])] });
    expect(world.store.ledger().total).toMatchObject({ delivered: 50, bounced: 0, waiting: 0 });
    expect(taken).toHaveLength(50);
    expect(Math.min(...taken.map(({ atMs }) => atMs))).toBeGreaterThanOrEqual(30 * minuteMs);
    expect(reacted.map((each) => each.do)).toEqual(['suspend', 'alert']);
    const hold = world.held.find((each) => each.because === 'suspended');
    expect(hold?.domain).toBe('a.example');
    expect(hold?.detail).toMatch(/^550 /);
    expect(world.store.holds()).toEqual([]);
  });

  test('rests for longer when it is still blocked afterwards', async () => {
    const { world } = blockingUntil(60 * minuteMs);
    world.accept(addresses(5), 24 * hourMs);
    const reacted = await runAll(world, { reactions: [rule([suspend('source-at-site')])] });
    expect(reacted.map(({ atMs, untilMs }) => Math.round(((untilMs ?? 0) - atMs) / minuteMs))).toEqual([
      30, 60,
    ]);
    expect(world.store.ledger().total).toMatchObject({ delivered: 5 });
  });

  test('goes on at once when somebody lifts it', async () => {
    const { world, taken } = blockingUntil(5 * minuteMs);
    const reactionStore = memoryReactions();
    world.accept(addresses(5), 24 * hourMs);
    const engine = world.engine({ reactions: [rule([suspend('source-at-site')])], reactionStore });
    const run = engine.run();
    const lifted: number[] = [];
    world.clock.after(
      6 * minuteMs,
      () => void lifted.push(engine.lift({ ...nobodyAsked, site: 'mx.a.example' })),
    );
    await passTime(world.clock, run, { mostMs: 12 * hourMs });
    expect(lifted).toEqual([1]);
    expect(taken).toHaveLength(5);
    expect(Math.max(...taken.map(({ atMs }) => atMs))).toBeLessThan(20 * minuteMs);
    expect(reactionStore.since(0)[0]).toMatchObject({ endedBy: 'operator' });
  });

  test('rests on after a restart', async () => {
    const { world, taken } = blockingUntil(1 * minuteMs);
    const change = { reactions: [rule([suspend('source-at-site')])], reactionStore: memoryReactions() };
    world.accept(addresses(5), 24 * hourMs);
    const first = world.engine(change);
    const firstRun = first.run();
    world.clock.after(2 * minuteMs, () => first.stop(1_000));
    await passTime(world.clock, firstRun, { mostMs: hourMs });
    expect(taken).toEqual([]);
    await runAll(world, change);
    expect(taken).toHaveLength(5);
    expect(Math.min(...taken.map(({ atMs }) => atMs))).toBeGreaterThanOrEqual(30 * minuteMs);
  });

  test('is not tried at other sites when the rule says the source, and the other source goes on', async () => {
    const { world, taken, isBlocked } = blockingUntil(10 * minuteMs, { carriers: 2 });
    isBlocked.by = ({ to }) => to.endsWith('@a.example');
    const sources = ['192.0.2.1', '192.0.2.2'].map((ip) => ({ ip, hostname: 'client.example' }));
    // Ids alternate between the sources: only the first is blocked.
    world.accept(['m0@b.example', 'm1@a.example'], 24 * hourMs);
    world.accept(addresses(40, 'c.example'), 24 * hourMs);
    const reacted = await runAll(world, { sources, reactions: [rule([suspend('source')])] });
    expect(reacted).toHaveLength(1);
    const blocked = world.store.message(2)?.events[0]?.outcome?.source;
    expect(blocked).not.toBeNull();
    expect(world.store.ledger().total).toMatchObject({ delivered: 42, bounced: 0 });
    const after = taken.filter(({ source, atMs }) => source === blocked && atMs > 1_000);
    // Whatever of the blocked source had not gone out by then waited for the end of the stop.
    expect(after.every(({ atMs }) => atMs >= 30 * minuteMs)).toBe(true);
    expect(after.length).toBeGreaterThan(0);
  });

  test('stops one domain of a site while the others go on', async () => {
    const shared = makeSite([{ host: 'mx.shared.example', port: 25, preference: 10 }]);
    const { world, taken, isBlocked } = blockingUntil(10 * minuteMs, {
      router: () => Promise.resolve({ kind: 'site', site: shared, untilMs: Number.POSITIVE_INFINITY }),
    });
    isBlocked.by = ({ to }) => to.endsWith('@a.example');
    world.accept([...addresses(100), ...addresses(100, 'b.example')], 24 * hourMs);
    await runAll(world, { reactions: [rule([suspend('domain-at-site')])], mostSessions: 1 });
    expect(world.store.ledger().total).toMatchObject({ delivered: 200, bounced: 0 });
    const [a, b] = ['a.example', 'b.example'].map((domain) => taken.filter(({ to }) => to.endsWith(domain)));
    expect(Math.min(...(a ?? []).map(({ atMs }) => atMs))).toBeGreaterThanOrEqual(30 * minuteMs);
    expect(Math.max(...(b ?? []).map(({ atMs }) => atMs))).toBeLessThan(5 * minuteMs);
  });
});

test('a refusal that no rule keeps bounces as ever', async () => {
  const { world } = blockingUntil(10 * minuteMs);
  world.accept(addresses(3), 24 * hourMs);
  await runAll(world, { reactions: [rule([{ do: 'alert' }], { keeps: false })] });
  expect(world.store.ledger().total).toMatchObject({ bounced: 3 });
});

test('a greeting that turns us away is heard as well, and written down', async () => {
  const reactionStore = memoryReactions();
  const start = { ms: 0 };
  const world: DeliveryWorld = deliveryWorld({
    reader,
    connection: () =>
      world.clock.monotonic() < start.ms + 5 * minuteMs
        ? {
            kind: 'fail',
            failure: {
              origin: 'remote',
              stage: 'banner',
              reply: { code: 550, status: null, lines: ['go away'] },
            },
          }
        : { kind: 'open', answer: () => ({ kind: 'accept' }) },
  });
  start.ms = world.clock.monotonic();
  world.accept(addresses(5), 24 * hourMs);
  const reacted = await runAll(world, { reactions: [rule([suspend('source-at-site')])], reactionStore });
  expect(reacted).toMatchObject([{ do: 'suspend', messageId: null, detail: '550 go away' }]);
  expect(reactionStore.failures).toHaveLength(1);
  expect(world.store.ledger().total).toMatchObject({ delivered: 5 });
});

describe.each([[undefined], [2]])('a campaign that is taken for spam (%s carriers)', (carriers) => {
  const rules = [
    rule([{ do: 'hold-campaign', forMs: hourMs }], {
      verdicts: ['spamdetected'],
      keeps: false,
      share: { above: 0.2, attempts: 20 },
      withinMs: hourMs,
    }),
  ];

  test('is held, another one goes on, and the rest follows when the time is over', async () => {
    const { world, taken } = blockingUntil(0, {
      ...(carriers === undefined ? {} : { carriers }),
      connection: ({ localAddress }) => ({
        kind: 'open',
        answer: ({ to }): FakeAnswer => {
          const atMs = world.clock.monotonic() - startMs;
          if (to.startsWith('m') && atMs < 10 * minuteMs && Number(/\d+/.exec(to)?.[0]) % 3 === 0)
            return { kind: 'reply', code: 554, stage: 'eom' };
          taken.push({ to, atMs, source: localAddress });
          return { kind: 'accept' };
        },
      }),
    });
    const startMs = world.clock.monotonic();
    world.accept(addresses(300), 24 * hourMs);
    world.accept(
      addresses(300).map((address) => address.replace(/^m/, 'good')),
      24 * hourMs,
    );
    const reacted = await runAll(world, { reactions: rules, mostSessions: 2 });
    expect(reacted).toMatchObject([{ do: 'hold-campaign', target: { scope: 'campaign', campaignId: 1 } }]);
    const good = taken.filter(({ to }) => to.startsWith('good'));
    const bad = taken.filter(({ to }) => to.startsWith('m'));
    expect(good).toHaveLength(300);
    expect(Math.max(...good.map(({ atMs }) => atMs))).toBeLessThan(10 * minuteMs);
    const late = bad.filter(({ atMs }) => atMs >= hourMs);
    expect(late.length).toBeGreaterThan(100);
    expect(bad.length - late.length).toBeLessThan(100);
    const { delivered, bounced, waiting } = world.store.ledger().total;
    expect({ sum: delivered + bounced, waiting }).toEqual({ sum: 600, waiting: 0 });
  });
});
