import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { Expiry } from './expire.ts';
import type { ExpiryOptions } from './expire.ts';
import { IdQueue } from './id-queue.ts';
import { nowhere } from './outcome.ts';
import type { MessageRow } from './ports.ts';
import type { Attempted } from './settle.ts';

const last: Attempted = {
  outcome: {
    ...nowhere,
    durationMs: 0,
    kind: 'deferred',
    scope: 'host',
    stage: 'connect',
    origin: 'local',
    cause: 'connect-refused',
    text: 'refused',
  },
  reading: { verdict: 'networkerror', detail: null, rule: 'local:connect-refused', confidence: 1 },
};

/** Messages with an odd id expire after a minute, those in `gone` are settled already; the others live for ever. */
function world(lengths: readonly number[], change: Partial<ExpiryOptions> = {}) {
  const clock = new FakeClock();
  const startMs = clock.now();
  let lastId = 0;
  const queues = lengths.map((length) => {
    const queue = new IdQueue();
    for (let index = 0; index < length; index++) queue.push(++lastId);
    return queue;
  });
  const state = {
    expired: [] as number[],
    missing: 0,
    rounds: 0,
    reads: 0,
    mostRead: 0,
    gone: new Set<number>(),
  };
  const row = (id: number): MessageRow => ({
    id,
    campaignId: 1,
    address: `m${id}@a.example`,
    domain: 'a.example',
    variables: {},
    attempts: 0,
    unknowns: 0,
    expiresMs: id % 2 === 1 ? startMs + 60_000 : Infinity,
  });
  const expiry = new Expiry({
    clock,
    standing: () => queues.map((queue) => ({ queue, last: () => last })),
    read(ids) {
      state.reads++;
      state.mostRead = Math.max(state.mostRead, ids.length);
      return ids.filter((each) => !state.gone.has(each)).map(row);
    },
    mayWork: () => true,
    onExpired: ({ settlement }) => {
      expect(settlement).toMatchObject({
        event: { kind: 'expired', outcome: last.outcome },
        next: { state: 'expired' },
      });
      state.expired.push(settlement.event.messageId);
    },
    onMissing: (count) => (state.missing += count),
    onRoundEnd: () => state.rounds++,
    ...change,
  });
  return { clock, state, queues, expiry };
}

test('takes out whose lifetime has ended, and keeps the others in their order', async () => {
  const { clock, state, queues, expiry } = world([6, 3]);
  state.gone.add(4);
  expiry.start();
  await clock.advance(30_000);
  expect(state).toMatchObject({ expired: [], missing: 1, rounds: 1 });
  await clock.advance(30_000);
  expect(state.expired).toEqual([1, 3, 5, 7, 9]);
  expect(queues.map((queue) => queue.take(10))).toEqual([[2, 6], [8]]);
  expiry.close();
  expect(clock.pendingTimers).toBe(0);
});

test('looks again when the first of the living ends, if that is soon', async () => {
  const { clock, state, queues, expiry } = world([2]);
  expiry.start();
  await clock.advance(59_999);
  expect(state.expired).toEqual([]);
  await clock.advance(1);
  expect(state.expired).toEqual([1]);
  expect(state.reads).toBeLessThan(6);
  expect(queues[0]?.length).toBe(1);
});

test('what stops moving after an empty round is found before its end', async () => {
  const queue = new IdQueue();
  let isStanding = false;
  const { clock, state, expiry } = world([], {
    standing: () => (isStanding ? [{ queue, last: () => last }] : []),
  });
  queue.push(1);
  expiry.start();
  await clock.advance(20_000);
  isStanding = true;
  await clock.advance(39_999);
  expect(state.expired).toEqual([]);
  await clock.advance(1);
  expect(state.expired).toEqual([1]);
  expiry.close();
});

test('a long queue is read a little at a time, from where the last step stopped', async () => {
  const { clock, state, queues, expiry } = world([5_000]);
  expiry.start();
  await clock.advance(60_000);
  expect(state.mostRead).toBeLessThanOrEqual(500);
  expect(state.reads).toBeLessThan(25);
  await clock.advance(35_000);
  expect(state.expired).toHaveLength(2_500);
  expect(queues[0]?.length).toBe(2_500);
});

test('many short queues are not all read in one turn', async () => {
  const { clock, state, expiry } = world(Array.from({ length: 1_000 }, () => 2));
  expiry.start();
  await clock.advance(1_000);
  expect(state.reads).toBeLessThan(50);
  expect(state.rounds).toBe(0);
  await clock.advance(10_000);
  expect(state.rounds).toBe(1);
});

test('goes on where it was when the store cannot be read, or nothing can be settled', async () => {
  let isFull = true;
  let reads = 0;
  const { clock, state, queues, expiry } = world([4], {
    read: () => {
      reads++;
      return null;
    },
    mayWork: () => !isFull,
  });
  expiry.start();
  await clock.advance(31_000);
  expect(reads).toBe(0);
  isFull = false;
  await clock.advance(150);
  expect(reads).toBeGreaterThan(0);
  expect(reads).toBeLessThan(5);
  expect(queues[0]?.take(9)).toEqual([1, 2, 3, 4]);
  expect(state.missing).toBe(0);
});
