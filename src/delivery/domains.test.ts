import { expect, test } from 'vitest';
import { plainReader } from '../../test/support/delivery-world.ts';
import { FakeClock, settlePromises } from '../../test/support/fake-clock.ts';
import { Domains } from './domains.ts';
import type { Flow } from './flow.ts';
import type { PathHold } from './ports.ts';
import type { Route } from './route.ts';
import { makeSite } from './site.ts';

const flow: Flow = { campaignId: 1, stream: 'bulk', window: '', closesMs: Infinity };
const site = makeSite([{ host: 'mx', port: 25, preference: 0 }]);
const held: Route = { kind: 'held', cause: 'dns-timeout', text: 'no answer' };
const refused: Route = { kind: 'refused', cause: 'dns-nxdomain', text: 'no such domain' };

function world() {
  const clock = new FakeClock();
  const found = (forMs: number): Route => ({ kind: 'site', site, untilMs: clock.monotonic() + forMs });
  const state = {
    answer: found(60_000),
    found,
    asked: 0,
    routed: [] as number[],
    refused: [] as string[],
    held: [] as PathHold[],
    released: [] as PathHold[],
    faults: [] as unknown[],
  };
  const domains = new Domains({
    clock,
    reader: plainReader(),
    router: async () => {
      state.asked++;
      await settlePromises();
      return state.answer;
    },
    onRouted: ({ id }) => state.routed.push(id),
    onMoved: () => undefined,
    onRefused: ({ name }) => state.refused.push(name),
    onHold: (hold) => state.held.push(hold),
    onRelease: (hold) => state.released.push(hold),
    guard: (work) => void work.catch((error: unknown) => state.faults.push(error)),
  });
  return { clock, state, domains };
}

test('asks once for a domain, and keeps the order', async () => {
  const { clock, state, domains } = world();
  for (const id of [1, 2, 3]) domains.enqueue({ id: id, domain: 'a.example', flow });
  await clock.advance(0);
  await settlePromises();
  domains.enqueue({ id: 4, domain: 'a.example', flow });
  expect(state.routed).toEqual([1, 2, 3, 4]);
  expect(state.asked).toBe(1);
});

test('asks again when the answer is old, and is not misled by a clock that is set back', async () => {
  const { clock, state, domains } = world();
  domains.enqueue({ id: 1, domain: 'a.example', flow });
  await clock.advance(1_000);
  clock.step(-86_400_000);
  await clock.advance(60_000);
  state.answer = state.found(60_000);
  domains.enqueue({ id: 2, domain: 'a.example', flow });
  await clock.advance(1_000);
  expect(state.asked).toBe(2);
  expect(state.routed).toEqual([1, 2]);
});

test('holds while the DNS does not answer: 2 s, 4 s, 8 s, then everything goes on', async () => {
  const { clock, state, domains } = world();
  state.answer = held;
  domains.enqueue({ id: 1, domain: 'a.example', flow });
  await clock.advance(1);
  domains.enqueue({ id: 2, domain: 'a.example', flow });
  expect(state.asked).toBe(1);
  expect([...domains.standing()].map(({ queue, last }) => [queue.length, last()?.outcome.stage])).toEqual([
    [2, 'route'],
  ]);
  await clock.advance(6_500);
  expect(state.held.map(({ because }) => because)).toEqual(['dns-failed', 'dns-failed', 'dns-failed']);
  state.answer = state.found(60_000);
  await clock.advance(8_000);
  expect(state.routed).toEqual([1, 2]);
  expect(state.released).toHaveLength(3);
  expect([...domains.standing()]).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});

test('tells what can never be sent, each time something comes', async () => {
  const { clock, state, domains } = world();
  state.answer = refused;
  domains.enqueue({ id: 1, domain: 'a.example', flow });
  await clock.advance(1);
  domains.enqueue({ id: 2, domain: 'a.example', flow });
  await clock.advance(1);
  expect(state.refused).toEqual(['a.example', 'a.example']);
  expect(state.routed).toEqual([]);
});

test.each([held, refused, { kind: 'site', site, untilMs: Infinity } as const])(
  'a look-up that ends after close does nothing: $kind',
  async (answer) => {
    const { clock, state, domains } = world();
    state.answer = answer;
    domains.enqueue({ id: 1, domain: 'a.example', flow });
    domains.close();
    await clock.advance(10_000);
    expect([state.routed, state.refused, state.held, state.faults]).toEqual([[], [], [], []]);
    expect(clock.pendingTimers).toBe(0);
  },
);

test('close ends the holds', async () => {
  const { clock, state, domains } = world();
  state.answer = held;
  domains.enqueue({ id: 1, domain: 'a.example', flow });
  await clock.advance(1);
  domains.close();
  expect(clock.pendingTimers).toBe(0);
});

test('domains that nothing waits for are forgotten when there are many, and found again', async () => {
  const { clock, state, domains } = world();
  state.answer = state.found(1_000);
  for (let id = 0; id < 10_000; id += 1) domains.enqueue({ id, domain: `d${id}.example`, flow });
  await clock.advance(1);
  expect(domains.siteOf('d0.example')).toBe(site.name);
  state.answer = held;
  domains.enqueue({ id: 10_000, domain: 'waits.example', flow });
  await clock.advance(2_000);
  state.answer = state.found(60_000);
  for (let id = 10_001; id < 25_000; id += 1) domains.enqueue({ id, domain: `e${id}.example`, flow });
  await clock.advance(10_000);
  expect(domains.siteOf('d0.example')).toBeNull();
  domains.enqueue({ id: 30_000, domain: 'd0.example', flow });
  await clock.advance(1);
  // Everything that was ever handed over is on its way, also what waited for the DNS.
  expect(new Set(state.routed).size).toBe(25_001);
  expect(state.faults).toEqual([]);
});
