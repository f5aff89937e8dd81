import { expect, test } from 'vitest';
import { deliveryWorld, disk, passTime, plainReader } from '../../test/support/delivery-world.ts';
import type { DeliveryWorld, WorldOptions } from '../../test/support/delivery-world.ts';
import { refusedConnection } from '../../test/support/fake-smtp.ts';
import type { FakeAnswer, FakeConnection } from '../../test/support/fake-smtp.ts';
import type { EngineOptions } from './engine.ts';
import type { DeliveryStore } from './ports.ts';
import { makeSite } from './site.ts';

const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

const accepting = (): FakeAnswer => ({ kind: 'accept' });
const healthy = (): FakeConnection => ({ kind: 'open', answer: accepting });

function addresses(count: number, domain = 'a.example'): string[] {
  return Array.from({ length: count }, (_, index) => `m${index}@${domain}`);
}

/** A world of one campaign. */
function campaign(to: readonly string[], options: Partial<WorldOptions> = {}): DeliveryWorld {
  const world = deliveryWorld({ connection: healthy, ...options });
  world.accept(to);
  return world;
}

/** Runs to the end; what the fake servers still have to say is let pass. */
async function runAll(
  world: DeliveryWorld,
  change: Partial<EngineOptions> = {},
  mostMs = 2 * hourMs,
): Promise<void> {
  const run = world.engine(change).run();
  await passTime(world.clock, run, { mostMs: mostMs });
  await run;
  expect(world.clock.pendingTimers - world.smtp.pendingTimers).toBe(0);
}

function states(world: DeliveryWorld): Record<string, number> {
  const { accepted: _, campaign: __, ...counts } = world.store.ledger().total;
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

type Method = 'queuedPage' | 'messageRows' | 'commit';

/** Throws at those calls of the method, by number. */
function failing(method: Method, calls: readonly number[], error: unknown) {
  let call = 0;
  const check = (called: Method): void => {
    if (called === method && calls.includes(++call)) throw error;
  };
  return (delivery: DeliveryStore): DeliveryStore => ({
    ...delivery,
    queuedPage(afterId, limit) {
      check('queuedPage');
      return delivery.queuedPage(afterId, limit);
    },
    messageRows(ids) {
      check('messageRows');
      return delivery.messageRows(ids);
    },
    commit(settlements, holds, releases) {
      check('commit');
      return delivery.commit(settlements, holds, releases);
    },
  });
}

test('delivers a campaign through a few sessions, each message once', async () => {
  const sent: string[] = [];
  const world = campaign([...addresses(60), ...addresses(3, 'b.example')], {
    connection: () => ({
      kind: 'open',
      answer: ({ to }) => {
        sent.push(to);
        return { kind: 'accept' };
      },
    }),
  });
  await runAll(world);
  expect(states(world)).toEqual({ delivered: 63 });
  expect(new Set(sent).size).toBe(63);
  expect(sent).toHaveLength(63);
  expect(world.smtp.mostOpen).toBeLessThanOrEqual(6);
  expect(world.smtp.open).toBe(0);
});

test.each([
  { name: 'closes after each message', connection: { closesAfter: 1 }, dials: 20 },
  {
    name: 'closes after each message and takes no PIPELINING',
    connection: { closesAfter: 1, pipelining: false },
    dials: 20,
  },
  { name: 'takes no PIPELINING', connection: { pipelining: false }, dials: 5 },
])('a server that $name gets every message once', async ({ connection, dials }) => {
  const world = campaign(addresses(20), {
    connection: () => ({ kind: 'open', answer: accepting, ...connection }),
  });
  await runAll(world);
  expect(states(world)).toEqual({ delivered: 20 });
  expect(world.smtp.dials.length).toBeLessThanOrEqual(dials + 5);
});

test.each(['closes', 'says-421'] as const)(
  'a server that %s before the first message is left alone after three tries',
  async (greeting) => {
    let sulks = true;
    const world = campaign(addresses(10), {
      connection: () => ({ kind: 'open', answer: accepting, ...(sulks ? { greeting } : {}) }),
    });
    world.clock.after(60_000, () => {
      sulks = false;
    });
    await runAll(world);
    expect(states(world)).toEqual({ delivered: 10 });
    expect(world.held[0]?.because).toBe('sessions-lost');
    expect(world.smtp.dials.length).toBeLessThan(15);
    expect(world.committed).toHaveLength(10);
  },
);

test('a server that says 421 to every first MAIL does not see a connection for each message', async () => {
  let sulks = true;
  const world = campaign(addresses(500), {
    connection: () => ({
      kind: 'open',
      answer: () => (sulks ? { kind: 'reply', code: 421, stage: 'mail' } : { kind: 'accept' }),
    }),
  });
  world.clock.after(300_000, () => {
    sulks = false;
  });
  await runAll(world);
  expect(states(world)).toEqual({ delivered: 500 });
  expect(world.smtp.dials.length).toBeLessThan(40);
});

test('a throttled path rests and goes on', async () => {
  let greedy = 10;
  const world = campaign(addresses(50), {
    reader: plainReader(true),
    connection: () => ({
      kind: 'open',
      answer: () => (greedy-- > 0 ? { kind: 'reply', code: 421, stage: 'mail' } : { kind: 'accept' }),
    }),
  });
  await runAll(world);
  expect(states(world)).toEqual({ delivered: 50 });
  expect(new Set(world.held.map(({ because }) => because))).toEqual(new Set(['throttled']));
  expect(world.store.holds()).toEqual([]);
});

test.each(['queuedPage', 'messageRows', 'commit'] as const)(
  'a full disk in %s passes: nothing is lost, nothing sent twice',
  async (method) => {
    const world = campaign([...addresses(10), ...addresses(5, 'gone.example')], {
      wrap: failing(method, [1, 2, 4], disk),
      router: (domain) =>
        Promise.resolve(
          domain === 'gone.example'
            ? { kind: 'refused', cause: 'dns-nxdomain', text: 'no such domain' }
            : { kind: 'site', site: makeSite([{ host: 'mx', port: 25, preference: 0 }]), untilMs: Infinity },
        ),
    });
    await runAll(world);
    expect(states(world)).toEqual({ delivered: 10, bounced: 5 });
    expect(world.committed).toHaveLength(15);
    expect(world.troubles.length % 2).toBe(0);
  },
);

test('a store that breaks ends the run with its error, also from a timer', async () => {
  const broken = new Error('database disk image is malformed');
  const world = campaign(addresses(3), { wrap: failing('commit', [1, 2, 3, 4, 5], broken) });
  const run = world.engine().run();
  await passTime(world.clock, run, { mostMs: hourMs });
  await expect(run).rejects.toBe(broken);
});

test('a composer that throws ends the run, and what others delivered is written down', async () => {
  const bug = new Error('a bug');
  const world = campaign(addresses(5));
  const engine = world.engine({
    composer: {
      compose: ({ id, address }) => {
        if (id === 4) throw bug;
        const bytes = Buffer.from(`To: ${address}\r\n\r\n`);
        return {
          bytes,
          messageId: `<${id}@x>`,
          returnPath: 'b@x',
          dotSafe: true,
          eightBit: false,
          smtpUtf8: false,
        };
      },
    },
  });
  const run = engine.run();
  await passTime(world.clock, run, { mostMs: hourMs });
  await expect(run).rejects.toBe(bug);
  expect(world.store.ledger().total.delivered).toBeGreaterThan(0);
  expect(world.clock.pendingTimers - world.smtp.pendingTimers).toBe(0);
});

test('stop before run ends at once and sends nothing', async () => {
  const world = campaign(addresses(3));
  const engine = world.engine();
  engine.stop(1_000);
  const run = engine.run();
  await passTime(world.clock, run, { mostMs: 1_000 });
  await run;
  expect(world.smtp.dials).toEqual([]);
});

test('stop waits for what is under way; when run returns it is written down', async () => {
  const world = campaign(addresses(40), { roundTripMs: 100 });
  const engine = world.engine();
  const run = engine.run();
  world.clock.after(350, () => engine.stop(5_000));
  await passTime(world.clock, run, { mostMs: hourMs });
  await run;
  const { delivered } = world.store.ledger().total;
  expect(delivered).toBeGreaterThan(0);
  expect(delivered).toBeLessThan(40);
  await runAll(world);
  expect(states(world)).toEqual({ delivered: 40 });
  expect(world.committed).toHaveLength(40);
});

test('stop cuts a server that never answers after the grace', async () => {
  const world = campaign(addresses(3), { roundTripMs: 600_000 });
  const engine = world.engine();
  const run = engine.run();
  world.clock.after(700_000, () => engine.stop(5_000));
  await passTime(world.clock, run, { mostMs: 706_000 });
  await run;
  expect(world.store.ledger().total).toMatchObject({ waiting: 3 });
});

test('stop with a full disk says so instead of dropping outcomes in silence', async () => {
  const world = campaign(addresses(3));
  const engine = world.engine();
  const run = engine.run();
  world.store.failWith(disk);
  world.clock.after(5_000, () => engine.stop(1_000));
  await passTime(world.clock, run, { mostMs: hourMs });
  await expect(run).rejects.toBe(disk);
  expect(world.clock.pendingTimers - world.smtp.pendingTimers).toBe(0);
});

test('thousands of messages cancelled in the queue are passed over at once', async () => {
  const world = campaign(addresses(2_000), {
    connection: () => ({ kind: 'open', pipelining: false, answer: accepting }),
    roundTripMs: 1_000,
  });
  const run = world.engine().run();
  world.clock.after(1_500, () => world.store.campaigns.cancel(1, world.clock.now()));
  await passTime(world.clock, run, { mostMs: 6_000 });
  await run;
  expect(states(world)['cancelled']).toBeGreaterThan(1_990);
  expect(world.store.ledger().total.waiting).toBe(0);
});

test('messages cancelled while they wait for a retry do not keep the run', async () => {
  const world = campaign(addresses(5), {
    connection: () => ({ kind: 'open', answer: () => ({ kind: 'reply', code: 450, stage: 'rcpt' }) }),
  });
  const run = world.engine({ retry: { firstMs: hourMs / 2, longestMs: hourMs, unknownMax: 3 } }).run();
  world.clock.after(20_000, () => world.store.campaigns.cancel(1, world.clock.now()));
  await passTime(world.clock, run, { mostMs: 120_000 });
  await run;
  expect(states(world)).toEqual({ cancelled: 5 });
});

test.each([
  { name: 'back', stepMs: -yearMs },
  { name: 'forward', stepMs: 600_000 },
])('a clock set $name does not change when a message is tried again', async ({ stepMs }) => {
  let tries = 0;
  const world = campaign(addresses(1), {
    connection: () => ({
      kind: 'open',
      answer: () => (++tries < 3 ? { kind: 'reply', code: 450, stage: 'rcpt' } : { kind: 'accept' }),
    }),
  });
  world.clock.after(5_000, () => world.clock.step(stepMs));
  const startMs = world.clock.monotonic();
  await runAll(world, {}, hourMs);
  expect(states(world)).toEqual({ delivered: 1 });
  // The first waits are 15 s and 45 s.
  expect(world.clock.monotonic() - startMs).toBeLessThan(65_000);
});

test('a retry written down by a clock that was years ahead comes within the longest wait', async () => {
  const world = campaign(addresses(1), {
    connection: () => ({ kind: 'open', answer: () => ({ kind: 'reply', code: 450, stage: 'rcpt' }) }),
  });
  world.clock.step(10 * yearMs);
  world.accept(addresses(1, 'b.example'), 20 * yearMs);
  const engine = world.engine();
  const first = engine.run();
  world.clock.after(5_000, () => engine.stop(1_000));
  await passTime(world.clock, first, { mostMs: hourMs });
  await first;
  world.clock.step(-10 * yearMs);
  const run = world.engine({ dial: world.smtp.dial }).run();
  const dialsBefore = world.smtp.dials.length;
  world.clock.after(700_000, () => world.store.campaigns.cancel(2, world.clock.now()));
  await passTime(world.clock, run, { mostMs: hourMs });
  await run;
  expect(world.smtp.dials.length).toBeGreaterThan(dialsBefore);
});

test('messages behind a dead host expire with what kept them, at the end of their lifetime', async () => {
  const world = deliveryWorld({ connection: () => ({ kind: 'fail', failure: refusedConnection }) });
  world.accept(addresses(30), hourMs);
  await runAll(world);
  expect(states(world)).toEqual({ expired: 30 });
  expect(world.store.message(1)?.events).toMatchObject([
    { kind: 'expired', outcome: { origin: 'local', cause: 'connect-refused' } },
  ]);
  // A hold of ten minutes at most: each dial is one connection to the dead host.
  expect(world.smtp.dials.length).toBeLessThan(25);
  expect(world.held[0]).toMatchObject({ because: 'unreachable', domain: 'a.example', source: null });
});

test('messages expire behind a host that swallows packets, although its path is hardly ever on hold', async () => {
  const slow = 29 * 60_000;
  const world = deliveryWorld({
    roundTripMs: slow,
    connection: () => ({ kind: 'fail', failure: { ...refusedConnection, cause: 'connect-timeout' } }),
  });
  world.accept(addresses(2), hourMs);
  await runAll(world, {}, hourMs + 61_000);
  expect(states(world)).toEqual({ expired: 2 });
});

test('a hold is recorded and released for each domain of the site, also one that comes later', async () => {
  let down = true;
  const shared = {
    kind: 'site',
    site: makeSite([{ host: 'mx', port: 25, preference: 0 }]),
    untilMs: Infinity,
  } as const;
  let slowLookup: (() => void) | null = null;
  const world = campaign([...addresses(2), ...addresses(2, 'late.example')], {
    connection: () => (down ? { kind: 'fail', failure: refusedConnection } : healthy()),
    router: async (domain) => {
      if (domain === 'late.example') await new Promise<void>((resolve) => (slowLookup = resolve));
      return shared;
    },
  });
  const during: string[][] = [];
  world.clock.after(1_000, () => slowLookup?.());
  world.clock.after(1_900, () => {
    during.push(world.store.holds().map(({ domain }) => domain));
    down = false;
  });
  await runAll(world);
  expect(during).toEqual([['a.example', 'late.example']]);
  expect(world.store.holds()).toEqual([]);
  expect(states(world)).toEqual({ delivered: 4 });
});

test('many small sites share the sessions there are, and every path is served', async () => {
  const to = Array.from({ length: 300 }, (_, site) => addresses(2, `s${site}.example`)).flat();
  const world = campaign(to);
  await runAll(world, { mostOpenSessions: 20 }, 600_000);
  expect(states(world)).toEqual({ delivered: 600 });
  expect(world.smtp.mostOpen).toBeLessThanOrEqual(20);
});

test('a long queue is split among carriers, whose sessions and holds stay those of one path', async () => {
  let downFromMs = 0;
  const world = campaign(addresses(5_000), {
    carriers: 3,
    connection: () =>
      downFromMs > 0 && world.clock.monotonic() < downFromMs + 5_000
        ? { kind: 'fail', failure: refusedConnection }
        : { kind: 'open', answer: accepting, closesAfter: 50 },
  });
  world.clock.after(2_000, () => {
    downFromMs = world.clock.monotonic();
  });
  await runAll(world, { mostSessions: 9 });
  expect(states(world)).toEqual({ delivered: 5_000 });
  expect(world.committed).toHaveLength(5_000);
  // Three more while the first carrier goes down from nine to its share.
  expect(world.smtp.mostOpen).toBeLessThanOrEqual(12);
  expect(world.held.length).toBeGreaterThan(0);
  expect(world.store.holds()).toEqual([]);
});

test('a large site does not starve a small one', async () => {
  const world = campaign([...addresses(3_000, 'large.example'), ...addresses(1, 'small.example')]);
  await runAll(world);
  const order = world.committed.map(({ domain }) => domain);
  expect(order).toHaveLength(3_001);
  expect(order.indexOf('small.example')).toBeLessThan(1_000);
});

test('each source sends its share, and the same message always from the same one', async () => {
  const tries = new Map<string, Set<string | null>>();
  const world = campaign(addresses(20), {
    connection: ({ localAddress }) => ({
      kind: 'open',
      answer: ({ to }) => {
        const seen = tries.get(to) ?? new Set();
        const known = seen.size > 0;
        tries.set(to, seen.add(localAddress));
        return known ? { kind: 'accept' } : { kind: 'reply', code: 451, stage: 'rcpt' };
      },
    }),
  });
  const hostname = 'client.example';
  await runAll(world, {
    sources: [
      { ip: '192.0.2.8', hostname },
      { ip: '192.0.2.9', hostname },
    ],
  });
  expect([...tries.values()].every((sources) => sources.size === 1)).toBe(true);
  const used = [...tries.values()].map(([source]) => source);
  expect(used.filter((source) => source === '192.0.2.8')).toHaveLength(10);
});

test('what waits for a server that is gone follows its domain to another one', async () => {
  const world: DeliveryWorld = deliveryWorld({
    connection: ({ host }) =>
      host === 'mx.old.example'
        ? { kind: 'fail', failure: refusedConnection }
        : { kind: 'open', answer: () => ({ kind: 'accept' }) },
    router: (domain) => {
      const passedMs = world.clock.monotonic() - beganMs;
      if (domain === 'gone.example' && passedMs > 30 * 60_000)
        return Promise.resolve({ kind: 'refused', cause: 'dns-nxdomain', text: 'gone' });
      const isOld = passedMs < 60 * 60_000 || domain === 'stays.example';
      const host = isOld ? 'mx.old.example' : 'mx.new.example';
      // Believed for five minutes.
      const untilMs = world.clock.monotonic() + 300_000;
      return Promise.resolve({ kind: 'site', site: makeSite([{ host, port: 25, preference: 10 }]), untilMs });
    },
  });
  const beganMs = world.clock.monotonic();
  const to = ['moves.example', 'stays.example', 'gone.example'].flatMap((domain) =>
    Array.from({ length: 30 }, (_, index) => `m${index}@${domain}`),
  );
  world.accept(to, 3 * 3_600_000);
  const run = world.engine().run();
  await passTime(world.clock, run, { mostMs: 86_400_000 });
  await run;
  const { total } = world.store.ledger();
  expect(total).toMatchObject({ delivered: 30, expired: 30, bounced: 30, waiting: 0 });
  // The rests of a server that is away grow all the same, whoever else has moved.
  expect(world.smtp.dials.length).toBeLessThan(60);
  expect(world.clock.pendingTimers - world.smtp.pendingTimers).toBe(0);
});
