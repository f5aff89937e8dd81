import { describe, expect, test } from 'vitest';
import { summariseDmarc } from './index.ts';
import type { DmarcSummary, DmarcTallies, DmarcTally, SourceKind } from './index.ts';

const own = { addresses: ['192.0.2.10'], selectors: [{ domain: 'example.jp', selector: 'todoku1' }] };

const daysFrom = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `2026-11-${String(at + 1).padStart(2, '0')}`);

function tally(facts: Partial<DmarcTally>): DmarcTally {
  return {
    sourceIp: '198.51.100.7',
    headerFrom: 'example.jp',
    envelopeFrom: '',
    dkimAligned: false,
    spfAligned: false,
    disposition: 'none',
    signatures: [],
    spfDomain: '',
    spfResult: '',
    reasons: [],
    messages: 100,
    days: ['2026-11-01'],
    reporters: 1,
    ...facts,
  };
}

function summary(tallies: readonly DmarcTally[], facts: Partial<DmarcTallies> = {}): DmarcSummary {
  return summariseDmarc(
    {
      reports: 3,
      reporters: ['google.com'],
      beginMs: 0,
      endMs: 1,
      policy: { p: 'none', sp: null, pct: 100 },
      tallies,
      leftOut: 0,
      ...facts,
    },
    { domain: 'example.jp', own },
  );
}

/** What the only source looks like, beside somebody who was reported on 20 days. */
function kindOf(...tallies: readonly DmarcTally[]): SourceKind | undefined {
  const everyDay = tally({ sourceIp: '192.0.2.10', dkimAligned: true, spfAligned: true, days: daysFrom(20) });
  return summary([everyDay, ...tallies]).sources.find(({ source }) => source !== 'ours')?.kind;
}

const signedByUs = [{ domain: 'example.jp', selector: 'todoku1', result: 'pass' }];
const signedByOther = [{ domain: 'example.jp', selector: 'crm', result: 'pass' }];

describe('what a source looks like', () => {
  test.each<[string, SourceKind, readonly DmarcTally[]]>([
    [
      'our signature holds and SPF fails',
      'forwarder',
      [tally({ dkimAligned: true, signatures: signedByUs })],
    ],
    ['the receiver says so', 'forwarder', [tally({ reasons: ['mailing_list'] })]],
    [
      'our signature is broken, a list has signed',
      'forwarder',
      [
        tally({
          signatures: [
            { domain: 'example.jp', selector: 'todoku1', result: 'fail' },
            { domain: 'list.example', selector: 's', result: 'pass' },
          ],
        }),
      ],
    ],
    ['another system of ours signs', 'authorised', [tally({ dkimAligned: true, signatures: signedByOther })]],
    [
      'SPF alone passes',
      'authorised',
      [tally({ spfAligned: true, spfDomain: 'example.jp', spfResult: 'pass' })],
    ],
    [
      'a service signs as us and as itself',
      'authorised',
      [
        tally({
          dkimAligned: true,
          signatures: [...signedByOther, { domain: 'sendgrid.net', selector: 's', result: 'pass' }],
          spfDomain: 'em1.sendgrid.net',
          spfResult: 'pass',
        }),
      ],
    ],
    [
      'a service signs as itself only',
      'forgotten',
      [
        tally({
          signatures: [{ domain: 'amazonses.com', selector: 's', result: 'pass' }],
          spfResult: 'pass',
          spfDomain: 'amazonses.com',
        }),
      ],
    ],
    [
      'some passes, some does not',
      'forgotten',
      [tally({ dkimAligned: true, signatures: signedByOther }), tally({ messages: 50 })],
    ],
    [
      'it signs as us with a wrong key',
      'forgotten',
      [tally({ signatures: [{ domain: 'example.jp', selector: 'old', result: 'fail' }] })],
    ],
    ['one address, unauthenticated, every day', 'forgotten', [tally({ days: daysFrom(18) })]],
    ['one address, unauthenticated, once', 'forger', [tally({})]],
    [
      'many addresses, unauthenticated, every day',
      'forger',
      Array.from({ length: 9 }, (_, at) =>
        tally({ sourceIp: `198.51.100.${at}`, days: daysFrom(18), messages: 1 }),
      ),
    ],
    [
      'authenticated as somebody else',
      'unclear',
      [tally({ spfResult: 'pass', spfDomain: 'elsewhere.example' })],
    ],
  ])('%s: %s', (_, kind, tallies) => {
    expect(kindOf(...tallies)).toBe(kind);
  });

  test('our own sources, in order and in trouble', () => {
    const fine = tally({ sourceIp: '192.0.2.10', dkimAligned: true });
    const failing = tally({ sourceIp: '192.0.2.10', messages: 10 });
    expect(summary([fine]).sources).toMatchObject([{ kind: 'ours', trouble: false, certainty: 'proved' }]);
    expect(summary([fine, failing]).sources).toMatchObject([
      { kind: 'ours', trouble: true, messages: 110, passed: 100 },
    ]);
  });
});

test('groups by service, by /24 and by /48', () => {
  const found = summary([
    tally({ sourceIp: '198.51.100.1' }),
    tally({ sourceIp: '198.51.100.200' }),
    tally({ sourceIp: '2001:db8:1::5' }),
    tally({ sourceIp: '2001:db8:1:ffff::1' }),
    tally({
      sourceIp: '203.0.113.1',
      signatures: [{ domain: 'x.sendgrid.net', selector: 's', result: 'pass' }],
    }),
    tally({ sourceIp: 'nonsense' }),
  ]).sources.map(({ source, messages, addresses }) => [source, messages, addresses]);
  expect(found).toEqual([
    ['198.51.100.0/24', 200, 2],
    ['2001:db8:1::/48', 200, 2],
    ['sender:sendgrid', 100, 1],
    ['nonsense', 100, 1],
  ]);
});

test('the numbers add up', () => {
  const found = summary([
    tally({ dkimAligned: true, spfAligned: true, messages: 5 }),
    tally({ dkimAligned: true, messages: 3, disposition: 'quarantine' }),
    tally({ spfAligned: true, messages: 2 }),
    tally({ messages: 7, disposition: 'reject' }),
  ]);
  expect(found).toMatchObject({
    messages: 17,
    passed: 10,
    failed: 7,
    alignment: { both: 5, dkimOnly: 3, spfOnly: 2, none: 7 },
    dispositions: { none: 7, quarantine: 3, reject: 7 },
  });
  expect(Object.values(found.kinds).reduce((sum, { messages }) => sum + messages, 0)).toBe(17);
});

describe('what to do next', () => {
  const ours = tally({ sourceIp: '192.0.2.10', dkimAligned: true, spfAligned: true, days: daysFrom(20) });
  const english = (found: DmarcSummary): string => found.advice.map(({ en }) => en).join(' ');

  test('look for the record when nothing was ever reported', () => {
    expect(english(summary([], { reports: 0, policy: null }))).toContain('rua=');
  });
  test('mend what is ours before anything else', () => {
    const service = tally({ spfResult: 'pass', spfDomain: 'amazonses.com' });
    expect(english(summary([ours, service]))).toContain('Amazon SES');
    expect(english(summary([ours, service]))).not.toContain('next step');
  });
  test('go on when all is in order for two weeks', () => {
    expect(english(summary([ours]))).toContain('p=quarantine');
    expect(english(summary([ours], { policy: { p: 'quarantine', sp: null, pct: 100 } }))).toContain(
      'p=reject',
    );
    expect(english(summary([{ ...ours, days: daysFrom(5) }]))).toContain('wait for 14');
    expect(english(summary([ours], { policy: { p: 'reject', sp: null, pct: 100 } }))).toBe('Nothing to do.');
  });
  test('say that forgeries are not stopped', () => {
    expect(english(summary([ours, tally({ messages: 3 })]))).toContain('forged (3)');
  });
});
