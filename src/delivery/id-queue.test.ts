import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdQueue } from './id-queue.ts';

test('gives ids back in order, over many chunks', () => {
  const queue = new IdQueue();
  for (let id = 1; id <= 5_000; id++) queue.push(id);
  expect(queue.length).toBe(5_000);
  expect(queue.take(3)).toEqual([1, 2, 3]);
  queue.unshift(3);
  expect(queue.take(10_000)).toHaveLength(4_998);
  expect(queue.shift()).toBeUndefined();
});

test('behaves as an array does, for any mix of operations', () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 3_000 }) }),
    fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 3_000 }) }),
    fc.record({ kind: fc.constant('unshift' as const), count: fc.integer({ min: 1, max: 3 }) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
      const queue = new IdQueue();
      const model: number[] = [];
      let next = 1;
      for (const { kind, count } of operations) {
        if (kind === 'take') expect(queue.take(count)).toEqual(model.splice(0, count));
        for (let i = 0; i < count && kind !== 'take'; i++, next++) {
          if (kind === 'push') {
            queue.push(next);
            model.push(next);
          } else {
            queue.unshift(next);
            model.unshift(next);
          }
        }
        expect(queue.length).toBe(model.length);
      }
    }),
    { numRuns: 60 },
  );
});
