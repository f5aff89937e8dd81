import { expect, test } from 'vitest';
import type { Outcome, OutcomeKind } from '../events/index.ts';
import { nowhere } from './outcome.ts';
import { settle, settleExpired } from './settle.ts';

const policy = { firstMs: 10_000, longestMs: 60_000, unknownMax: 3 };
const reading = { verdict: null, detail: null, rule: null, confidence: 1 };
const message = {
  id: 7,
  campaignId: 1,
  address: 'a@example.jp',
  domain: 'example.jp',
  variables: {},
  attempts: 0,
  unknowns: 0,
  expiresMs: 1_000_000,
};

function outcome(kind: OutcomeKind): Outcome {
  const reply = {
    code: kind === 'delivered' ? 250 : kind === 'refused' ? 550 : 450,
    status: null,
    lines: ['x'],
  };
  return { ...nowhere, durationMs: 5, kind, scope: 'recipient', stage: 'rcpt', origin: 'remote', reply };
}

function next(kind: OutcomeKind, change: Partial<typeof message> = {}, nowMs = 100_000): unknown {
  return settle(
    { ...message, ...change },
    { outcome: outcome(kind), reading },
    { policy, nowMs, random: 0.5 },
  ).next;
}

test.each([
  { name: 'delivered is final', state: next('delivered'), expected: { state: 'delivered' } },
  { name: 'refused is final', state: next('refused'), expected: { state: 'bounced' } },
  {
    name: 'deferred waits',
    state: next('deferred'),
    expected: { state: 'waiting', waiting: { because: 'retry', untilMs: 110_000 }, attempts: 1, unknowns: 0 },
  },
  {
    name: 'the last try falls on the end of the lifetime',
    state: next('deferred', { attempts: 6 }, 999_000),
    expected: {
      state: 'waiting',
      waiting: { because: 'retry', untilMs: 1_000_000 },
      attempts: 7,
      unknowns: 0,
    },
  },
  {
    name: 'after it the message has expired',
    state: next('deferred', {}, 1_000_000),
    expected: { state: 'expired' },
  },
  {
    name: 'unknown is tried again and counted',
    state: next('unknown', { attempts: 1, unknowns: 1 }),
    expected: { state: 'waiting', waiting: { because: 'retry', untilMs: 130_000 }, attempts: 2, unknowns: 2 },
  },
  {
    name: 'the third unknown ends it',
    state: next('unknown', { unknowns: 2 }),
    expected: { state: 'expired' },
  },
])('$name', ({ state, expected }) => {
  expect(state).toEqual(expected);
});

test('a refusal for now is tried again however few unknown outcomes are allowed', () => {
  const context = { policy: { ...policy, unknownMax: 0 }, nowMs: 100_000, random: 0.5 };
  const settled = (kind: 'deferred' | 'unknown'): string =>
    settle(message, { outcome: outcome(kind), reading }, context).next.state;
  expect(settled('deferred')).toBe('waiting');
  expect(settled('unknown')).toBe('expired');
});

test('expiry in the queue keeps what held it', () => {
  const last = { outcome: outcome('deferred'), reading };
  const settlement = settleExpired(message, last, 5);
  expect(settlement.event).toMatchObject({ kind: 'expired', outcome: last.outcome, atMs: 5, messageId: 7 });
  expect(settleExpired(message, null, 5).event.reading.verdict).toBe('expired');
});
