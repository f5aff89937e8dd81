import { describe, expect, test } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { backoffFor, backoffMs } from './backoff.ts';
import { longestRetryMs, retryDelayMs } from './retry.ts';
import type { Retry } from './retry.ts';

const policy = { firstMs: 15_000, longestMs: 4 * 3_600_000, unknownMax: 3 };
const nothing = { verdict: null, detail: null, rule: null, confidence: 1 };

function delayMs(change: Partial<Retry>): number {
  return retryDelayMs({ policy, attempts: 1, reading: nothing, random: 0.5, ...change });
}

test('starts short and doubles to the longest', () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 1_000].map(
    (attempts) => delayMs({ attempts }) / 60_000,
  );
  expect(minutes).toEqual([0.25, 0.75, 2, 5, 10, 20, 40, 80, 160, 240, 240, 240]);
});

test('spreads by a tenth either way', () => {
  expect(delayMs({ random: 0 })).toBe(13_500);
  expect(delayMs({ random: 0.999_999 })).toBe(16_500);
});

describe('by what put it off, as the knowledge base says', () => {
  const { retries } = loadKnowledge(defaultKnowledgeFolder());
  const known = { ...policy, rules: retries.rules };
  const minutes = (reading: Partial<Retry['reading']>, count: number): readonly number[] =>
    Array.from(
      { length: count },
      (_, index) =>
        delayMs({ policy: known, attempts: index + 1, reading: { ...nothing, ...reading } }) / 60_000,
    );

  test.each([
    ['greylisting', { verdict: 'blocked', detail: 'greylisted' }, [0.5, 1, 2, 3, 5, 10, 20, 30, 60, 60]],
    ['a full mailbox', { verdict: 'mailboxfull' }, [30, 60, 120, 240, 480, 480]],
    ['speed', { verdict: 'speeding' }, [0.25, 0.75, 2, 5, 10, 10, 10]],
    ['a broken connection', { verdict: 'networkerror', rule: 'local:connection-lost' }, [0.25, 0.75, 2, 5]],
    ['a full disk there', { verdict: 'systemfull' }, [5, 10, 20, 40, 80, 120, 120]],
    ['spam', { verdict: 'spamdetected' }, [15, 30, 60, 120, 240, 240]],
    [
      'a status code alone, as greylisting in words of its own has it',
      { verdict: 'policyviolation', confidence: 0.45 },
      [0.25, 0.75, 2, 5],
    ],
    ['what nobody knows', { verdict: 'undefined' }, [0.25, 0.75, 2, 5]],
    ['a block that is no greylisting', { verdict: 'blocked' }, [0.25, 0.75, 2, 5]],
  ])('%s', (_, reading, expected) => {
    expect(minutes(reading, expected.length)).toEqual(expected);
  });

  test('the end of all waits is known', () => {
    expect(longestRetryMs(known)).toBe(8 * 3_600_000 * 1.1);
  });

  test('a way out that cannot be had rests ever longer, by the reason', () => {
    const restsMs = (because: 'unreachable' | 'local-limit', failures: number): number =>
      backoffMs(backoffFor(retries.ways, because), failures);
    expect([1, 2, 3, 100].map((failures) => restsMs('unreachable', failures))).toEqual([
      2_000, 4_000, 8_000, 600_000,
    ]);
    expect([1, 100].map((failures) => restsMs('local-limit', failures))).toEqual([1_000, 60_000]);
    expect(backoffFor({}, 'unreachable')).toEqual(retries.ways.unreachable);
  });
});
