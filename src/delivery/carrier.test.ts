import { expect, test } from 'vitest';
import { oneAddress, plainReader } from '../../test/support/delivery-world.ts';
import { FakeClock, settlePromises } from '../../test/support/fake-clock.ts';
import { fakeSmtp, refusedConnection } from '../../test/support/fake-smtp.ts';
import type { FakeConnection } from '../../test/support/fake-smtp.ts';
import { defaultTimeouts } from '../net/smtp-client/index.ts';
import { Carrier } from './carrier.ts';
import type { Flow } from './flow.ts';
import type { PathHold } from './ports.ts';
import type { Settled } from './settler.ts';
import { makeSite } from './site.ts';

const bulkFlow: Flow = { campaignId: 1, stream: 'bulk', window: '', closesMs: Infinity };
const site = makeSite([{ host: 'mx', port: 25, preference: 0 }]);

function world(connection: () => FakeConnection, messagesPerSession = 10_000, carrierCount = 1) {
  const clock = new FakeClock();
  const smtp = fakeSmtp({ clock, roundTripMs: 10, connection });
  const state = {
    settled: [] as Settled[],
    held: [] as PathHold[],
    released: 0,
    stopped: 0,
    faults: [] as unknown[],
  };
  const carrier = new Carrier({
    clock,
    dial: smtp.dial,
    resolver: oneAddress,
    reader: plainReader(),
    random: () => 0.5,
    carrierCount,
    rows: {
      messageRows: (ids) =>
        ids.map((id) => {
          const address = `m${id}@a.example`;
          const facts = { domain: 'a.example', variables: {}, attempts: 0, unknowns: 0, expiresMs: Infinity };
          return { id, campaignId: 1, address, ...facts };
        }),
    },
    composer: {
      compose: () => ({
        bytes: Buffer.from('x\r\n'),
        messageId: '<m@x>',
        returnPath: 'b@x',
        dotSafe: true,
        eightBit: false,
        smtpUtf8: false,
      }),
    },
    sources: [{ ip: null, hostname: 'client.example' }],
    retry: { firstMs: 15_000, longestMs: 600_000, unknownMax: 3 },
    messagesPerSession,
    settings: { tls: { mode: 'none', context: null }, timeouts: defaultTimeouts, clock },
    events: {
      settled: (batch) => state.settled.push(...batch),
      missing: () => undefined,
      closed: () => undefined,
      held: (hold) => state.held.push(hold),
      released: () => state.released++,
      limited: () => undefined,
      wayFailed: () => undefined,
      paced: () => undefined,
      stopped: () => state.stopped++,
      failed: (error) => state.faults.push(error),
    },
  });
  const assign = (count: number, mostSessions = 4, domain = 'a.example'): void => {
    const ids = Array.from({ length: count }, (_, index) => index + 1);
    carrier.assign([{ site, domain, flow: bulkFlow, mostSessions, ids }]);
  };
  /** Time in steps of a round trip, with turns for the work between. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 10) {
      for (let turn = 0; turn < 5; turn++) await settlePromises();
      await clock.advance(10);
    }
  };
  return { clock, smtp, state, carrier, assign, pass };
}

const healthy = (): FakeConnection => ({ kind: 'open', answer: () => ({ kind: 'accept' }) });

test.each([
  [200, 1],
  [100, 2],
  [64, 16],
])(
  'stops at %i outcomes that are not durable as one of %i, and goes on when they are',
  async (most, carrierCount) => {
    const { state, carrier, assign, pass } = world(healthy, 10_000, carrierCount);
    const total = most * 3;
    assign(total);
    await pass(10_000);
    // Each of four sessions may have two more under way.
    expect(state.settled.length).toBeGreaterThanOrEqual(most);
    expect(state.settled.length).toBeLessThanOrEqual(most + 8);
    const first = state.settled.length;
    carrier.acknowledge(first);
    await pass(10_000);
    expect(state.settled.length).toBeLessThanOrEqual(first + most + 8);
    carrier.acknowledge(state.settled.length - first);
    await pass(10_000);
    expect(state.settled).toHaveLength(total);
    expect(state.faults).toEqual([]);
  },
);

test('starts nothing while it is paused', async () => {
  const { smtp, state, carrier, assign, pass } = world(healthy);
  carrier.pause();
  assign(10);
  await pass(5_000);
  expect(smtp.dials).toEqual([]);
  carrier.resume();
  await pass(1_000);
  expect(state.settled).toHaveLength(10);
});

test('closes idle sessions after two seconds and used ones at once', async () => {
  const idle = world(healthy);
  idle.assign(3);
  await idle.pass(500);
  expect(idle.smtp.open).toBe(1);
  await idle.pass(2_500);
  expect(idle.smtp.open).toBe(0);
  const used = world(healthy, 5);
  used.assign(20, 1);
  await used.pass(2_000);
  expect(used.state.settled).toHaveLength(20);
  expect(used.smtp.dials).toHaveLength(4);
});

test('a session that waited for its turn when the path was held is closed too', async () => {
  let dials = 0;
  const { smtp, state, assign, carrier, pass } = world(() => {
    dials++;
    return dials === 1 ? healthy() : { kind: 'fail', failure: refusedConnection };
  });
  assign(3);
  await pass(100);
  carrier.pause();
  assign(3);
  const hold = { because: 'throttled', detail: '', untilMs: Date.UTC(2026, 0, 1) + 60_000, last: null };
  carrier.share({ pathKey: `|${site.name}`, hold });
  carrier.resume();
  await pass(5_000);
  expect(smtp.open).toBe(0);
  expect(state.faults).toEqual([]);
});

test('holds for every domain of the path, doubling, and releases them', async () => {
  const { state, assign, pass, clock, carrier } = world(() => ({ kind: 'fail', failure: refusedConnection }));
  assign(2);
  assign(2, 4, 'b.example');
  await pass(7_000);
  const waits = state.held.filter(({ domain }) => domain === 'b.example').map(({ untilMs }) => untilMs);
  expect(waits).toHaveLength(3);
  expect((waits[2] ?? 0) - (waits[1] ?? 0)).toBeGreaterThan((waits[1] ?? 0) - (waits[0] ?? 0));
  expect(state.released).toBe(4);
  expect(state.held).toHaveLength(6);
  carrier.stop(1_000);
  await pass(100);
  expect(state.stopped).toBe(1);
  expect(clock.pendingTimers).toBe(0);
});

test('what comes in while it stops makes no hold and no timer', async () => {
  const { state, assign, pass, clock, carrier } = world(() => ({
    kind: 'open',
    answer: () => ({ kind: 'break' }),
  }));
  assign(50);
  await pass(30);
  carrier.stop(1_000);
  await pass(3_000);
  expect(state.stopped).toBe(1);
  expect(clock.pendingTimers).toBe(0);
  expect(state.settled.length).toBeGreaterThan(0);
});
