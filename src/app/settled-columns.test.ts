import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Settled } from '../delivery/index.ts';
import { packSettled, unpackSettled } from './settled-columns.ts';

const word = fc.constantFrom('a', 'b', 'c');
const some = fc.option(word);
const facts = {
  scope: fc.constantFrom('recipient' as const, 'site' as const),
  stage: fc.constantFrom('rcpt' as const, 'eom' as const),
  host: some,
  address: some,
  source: some,
  tls: fc.option(fc.record({ version: word, cipher: word, verified: fc.boolean() })),
  durationMs: fc.nat(9_999),
};
const reply = fc.record({
  code: fc.constantFrom(250, 450, 550),
  status: some,
  lines: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
});
const kind = fc.constantFrom('delivered' as const, 'refused' as const, 'deferred' as const);
const outcome = fc.oneof(
  fc.record({ ...facts, kind, origin: fc.constant('remote' as const), reply }),
  fc.record({
    ...facts,
    kind,
    origin: fc.constant('local' as const),
    cause: fc.constantFrom('dns-timeout' as const, 'expired' as const),
    text: fc.string(),
  }),
);
const next = fc.oneof(
  fc.record({ state: fc.constantFrom('delivered' as const, 'bounced' as const, 'expired' as const) }),
  fc.record({
    state: fc.constant('waiting' as const),
    waiting: fc.record({ because: word, untilMs: fc.nat() }),
    attempts: fc.nat(9),
    unknowns: fc.nat(3),
  }),
);
const settled: fc.Arbitrary<Settled> = fc.record({
  domain: word,
  settlement: fc.record({
    next,
    event: fc.record({
      messageId: fc.nat(),
      atMs: fc.nat(),
      kind: fc.constantFrom('attempted' as const, 'expired' as const),
      outcome: fc.option(outcome),
      reading: fc.record({ verdict: some, detail: some, rule: some, confidence: fc.constantFrom(0.3, 1) }),
    }),
  }),
});

function inOrder(batch: readonly Settled[]): readonly string[] {
  return batch.map((each) => JSON.stringify(sorted(each))).toSorted();
}

/** Keys in one order: a clone need not keep it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

test('whatever a carrier settles arrives as it was, in any mixture', () => {
  fc.assert(
    fc.property(fc.array(settled, { maxLength: 100 }), (batch) => {
      const arrived = unpackSettled(structuredClone(packSettled(batch)));
      expect(inOrder(arrived)).toEqual(inOrder(batch));
    }),
  );
});

test('a story and a reply that come again are sent once', () => {
  const [first] = fc.sample(
    settled.filter(
      ({ settlement }) =>
        settlement.event.outcome?.origin === 'remote' && settlement.next.state === 'delivered',
    ),
    1,
  );
  if (first === undefined) throw new Error('no sample');
  const { event } = first.settlement;
  const batch = Array.from({ length: 64 }, (_, messageId) => ({
    ...first,
    settlement: { ...first.settlement, event: { ...event, messageId } },
  }));
  const report = packSettled(batch);
  expect(report.stories).toHaveLength(1);
  expect(report.replies).toHaveLength(1);
});
