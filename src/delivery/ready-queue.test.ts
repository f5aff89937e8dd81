import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Flow } from './flow.ts';
import { ReadyQueue } from './ready-queue.ts';

function flow(campaignId: number, facts: Partial<Flow> = {}): Flow {
  return { campaignId, stream: 'bulk', window: '', closesMs: Infinity, ...facts };
}
const urgent = { stream: 'transactional' } as const;

function filled(...parts: readonly (readonly [Flow, readonly number[]])[]): ReadyQueue {
  const queue = new ReadyQueue();
  for (const [each, ids] of parts) for (const id of ids) queue.push(id, each);
  return queue;
}

test('transactional ids overtake everything, whenever they come', () => {
  const queue = filled([flow(1), [1, 2, 3]]);
  expect(queue.take(1).ids).toEqual([1]);
  queue.push(9, flow(2, urgent));
  expect(queue.urgent).toBe(1);
  expect(queue.take(9).ids).toEqual([9, 2, 3]);
  expect([queue.length, queue.urgent]).toEqual([0, 0]);
});

test('campaigns take turns, and the one that is new is served in the round under way', () => {
  const queue = filled([flow(1), [1, 2, 3, 4, 5]]);
  queue.push(11, flow(2));
  queue.push(12, flow(2));
  expect(queue.take(4).ids).toEqual([1, 11, 2, 12]);
  queue.push(21, flow(3));
  expect(queue.take(9).ids.indexOf(21)).toBeLessThan(2);
});

test('transactional senders take turns too', () => {
  const queue = filled([flow(1, urgent), [1, 2, 3]], [flow(2, urgent), [11]]);
  expect(queue.take(9).ids).toEqual([1, 11, 2, 3]);
});

test('more campaigns than lanes lose nothing, and share', () => {
  const queue = new ReadyQueue();
  for (let id = 1; id <= 1_000; id++) queue.push(id, flow(id));
  queue.push(2_000, flow(1));
  expect(queue.length).toBe(1_001);
  const ids = queue.take(2_000).ids;
  expect(new Set(ids).size).toBe(1_001);
  // Behind at most two rounds: its own campaign's first message, and what shares the lane with it.
  expect(ids.indexOf(2_000)).toBeLessThan(1_001);
});

test('gives out of a window that closed everything, and nothing else', () => {
  const tokyo = flow(1, { window: 'day Asia/Tokyo', closesMs: 100 });
  const paris = flow(1, { window: 'day Europe/Paris', closesMs: 200 });
  const queue = filled([tokyo, [1, 2]], [paris, [3]], [flow(2), [4]]);
  expect(queue.closesMs).toBe(100);
  expect(queue.takeClosed(99)).toEqual([]);
  expect(queue.takeClosed(100)).toEqual([{ flow: tokyo, ids: [1, 2] }]);
  expect([queue.length, queue.closesMs]).toEqual([2, 200]);
  expect(queue.takeClosed(200)).toEqual([{ flow: paris, ids: [3] }]);
  expect(queue.closesMs).toBe(Infinity);
  expect(queue.take(9).ids).toEqual([4]);
});

test('expiry sees each flow as a queue of its own', () => {
  const queue = filled([flow(1), [1, 2, 3]], [flow(2, urgent), [4]]);
  for (const lane of queue.standing()) {
    const ids = lane.take(2);
    // One of them is gone; the others wait on.
    for (const id of ids) if (id !== 1) lane.push(id);
  }
  expect(queue.length).toBe(3);
  expect(queue.take(9).ids).toEqual([4, 3, 2]);
});

/** As expired messages are looked for: each is taken out and put back. */
function lookThrough(queue: ReadyQueue): void {
  for (const lane of queue.standing()) for (const id of lane.take(lane.length)) lane.push(id);
}

const step = fc.oneof(
  fc.record({
    does: fc.constant('push' as const),
    campaignId: fc.integer({ min: 1, max: 90 }),
    isUrgent: fc.boolean(),
  }),
  fc.record({
    does: fc.constantFrom('take' as const, 'putBack' as const),
    count: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ does: fc.constantFrom('look' as const, 'drain' as const), count: fc.constant(1) }),
);

test('loses nothing and gives nothing twice, whatever happens, and never bulk before transactional', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new ReadyQueue();
      const inside = new Map<number, boolean>();
      let lastId = 0;
      const gone = (ids: readonly number[]): void => {
        const kinds = ids.map((id) => inside.get(id));
        expect(kinds).toEqual([...kinds].toSorted((a, b) => Number(b) - Number(a)));
        for (const id of ids) expect(inside.delete(id)).toBe(true);
      };
      for (const each of steps) {
        if (each.does === 'push') {
          inside.set(++lastId, each.isUrgent);
          queue.push(lastId, flow(each.campaignId, each.isUrgent ? urgent : {}));
        } else if (each.does === 'take') gone(queue.take(each.count).ids);
        else if (each.does === 'putBack') queue.putBack(queue.take(each.count));
        else if (each.does === 'look') lookThrough(queue);
        else {
          const ids: number[] = [];
          queue.drain((id) => ids.push(id));
          gone(ids);
        }
        expect(queue.length).toBe(inside.size);
        expect(queue.urgent).toBe([...inside.values()].filter(Boolean).length);
      }
      gone(queue.take(1_000).ids);
      expect(inside.size).toBe(0);
    }),
  );
});
