import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueHeap } from './due-heap.ts';

test('pops by due time, whatever the order of pushing', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000 })), (times) => {
      const heap = new DueHeap();
      for (const dueMs of times) heap.push({ dueMs });
      const popped: number[] = [];
      for (let item = heap.pop(); item !== undefined; item = heap.pop()) popped.push(item.dueMs);
      expect(popped).toEqual(times.toSorted((a, b) => a - b));
      expect(heap.size).toBe(0);
    }),
  );
});
