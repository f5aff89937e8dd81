import { expect, test } from 'vitest';
import { retryDelayMs } from './retry.ts';

const policy = { firstMs: 15_000, longestMs: 4 * 3_600_000, unknownMax: 3 };

test('starts short and doubles to the longest', () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 1_000].map(
    (attempts) => retryDelayMs(policy, attempts, 0.5) / 60_000,
  );
  expect(minutes).toEqual([0.25, 0.75, 2, 5, 10, 20, 40, 80, 160, 240, 240, 240]);
});

test('spreads by a tenth either way', () => {
  expect(retryDelayMs(policy, 1, 0)).toBe(13_500);
  expect(retryDelayMs(policy, 1, 0.999_999)).toBe(16_500);
});
