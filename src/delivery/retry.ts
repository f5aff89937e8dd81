import type { RetryRule } from '../knowledge/index.ts';
import type { OutcomeReading } from '../events/index.ts';
import type { Backoffs } from './backoff.ts';

/** How often and how long a message is tried again. Times in milliseconds. */
export type RetryPolicy = {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Outcomes of kind `unknown` after which trying ends: each of them may have put a copy into the mailbox. */
  readonly unknownMax: number;
  /** For kinds of reasons, the first that fits; left out: `firstMs` and `longestMs` are for all. */
  readonly rules?: readonly RetryRule[];
  /** How long whole ways out rest. */
  readonly ways?: Backoffs;
};

// Steps over `firstMs` (15 s by default): 15 s, 45 s, 2 min, 5 min, 10 min, 20 min, 40 min, then doubling to `longestMs`.
// The short first steps are for passing faults; RFC 5321 §4.5.4.1 asks for at least 30 min between tries later on, which the
// doubling reaches after seven.
const steps = [1, 3, 8, 20, 40, 80, 160];

export type Retry = {
  readonly policy: RetryPolicy;
  /** Made so far, ≥ 1. */
  readonly attempts: number;
  readonly reading: Pick<OutcomeReading, 'verdict' | 'detail' | 'rule' | 'confidence'>;
  /** [0, 1). */
  readonly random: number;
};

/** Delay before the next try; `random` spreads it by ±10 % so that retries do not come in waves. */
export function retryDelayMs({ policy, attempts, reading, random }: Retry): number {
  const rule = policy.rules?.find((each) => fits(each, reading));
  const waitsMs = rule?.waitsMs ?? steps.map((step) => step * policy.firstMs);
  const longestMs = rule?.longestMs ?? policy.longestMs;
  const lastMs = waitsMs.at(-1) ?? policy.firstMs;
  const beyond = attempts - waitsMs.length;
  const delayMs = waitsMs[attempts - 1] ?? lastMs * 2 ** Math.min(beyond, 30);
  return Math.round(Math.min(delayMs, longestMs) * (0.9 + 0.2 * random));
}

function fits(rule: RetryRule, reading: Retry['reading']): boolean {
  return (
    reading.confidence >= rule.leastConfidence &&
    isIn(rule.verdicts, reading.verdict) &&
    isIn(rule.details, reading.detail) &&
    isIn(rule.replyRules, reading.rule)
  );
}

function isIn(list: readonly string[] | null, word: string | null): boolean {
  return list === null || (word !== null && list.includes(word));
}

/** No wait between two tries is longer than this. */
export function longestRetryMs({ firstMs, longestMs, rules = [] }: RetryPolicy): number {
  return Math.max(firstMs, longestMs, ...rules.map((rule) => rule.longestMs)) * 1.1;
}
