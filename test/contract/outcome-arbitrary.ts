import fc from 'fast-check';
import type { LocalCause, Outcome, OutcomeReading } from '../../src/events/index.ts';

const word = fc.stringMatching(/^[a-z0-9.:-]{1,30}$/);

// What strangers send: any code point, NUL, line ends, half of a surrogate pair.
const strangersText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('\0', 'a\0b', '\ud800', 'x\udc00y', '\r\n', '550 "quoted" \\', '受信者不明'),
);

const facts = {
  kind: fc.constantFrom('delivered' as const, 'deferred' as const, 'refused' as const, 'unknown' as const),
  scope: fc.constantFrom(
    'recipient' as const,
    'message' as const,
    'session' as const,
    'host' as const,
    'site' as const,
    'source' as const,
  ),
  stage: fc.constantFrom(
    'route' as const,
    'compose' as const,
    'connect' as const,
    'banner' as const,
    'ehlo' as const,
    'starttls' as const,
    'mail' as const,
    'rcpt' as const,
    'data' as const,
    'eom' as const,
    'session' as const,
  ),
  host: fc.option(word),
  address: fc.option(fc.oneof(fc.ipV4(), fc.ipV6())),
  source: fc.option(fc.ipV4()),
  tls: fc.option(fc.record({ version: word, cipher: word, verified: fc.boolean() })),
  durationMs: fc.double({ min: 0, max: 1e7, noNaN: true, noDefaultInfinity: true }).map((ms) => ms + 0),
};

const causes = [
  'dns-nxdomain',
  'dns-null-mx',
  'connect-refused',
  'connection-lost',
  'reply-timeout',
  'tls-failed',
  'compose-failed',
  'too-many-unknown',
  'expired',
] as const satisfies readonly LocalCause[];

/** Any outcome whose texts are short enough to be kept whole. */
export const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    ...facts,
    origin: fc.constant('remote' as const),
    reply: fc.record({
      code: fc.integer({ min: 200, max: 599 }),
      status: fc.option(fc.constantFrom('5.1.1', '4.7.28', '2.0.0')),
      lines: fc.array(strangersText, { maxLength: 5 }),
    }),
  }),
  fc.record({
    ...facts,
    origin: fc.constant('local' as const),
    cause: fc.constantFrom(...causes),
    text: strangersText,
  }),
);

export const anyReading: fc.Arbitrary<OutcomeReading> = fc.record({
  verdict: fc.option(word),
  detail: fc.option(word),
  rule: fc.option(word),
  confidence: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
});
