import { expect, test } from 'vitest';
import { tlsJson } from '../../test/support/report-samples.ts';
import { readReport, summariseTls } from './index.ts';
import type { TlsReport } from './index.ts';

function read(json: string): readonly TlsReport[] {
  const reading = readReport(Buffer.from(json));
  if (!reading.ok) throw new Error(reading.fault);
  return reading.reports.flatMap((report) => (report.kind === 'tls' ? [report] : []));
}

test('a report as RFC 8460 has it', () => {
  const policies = [
    {
      policy: {
        'policy-type': 'sts',
        'policy-string': ['version: STSv1'],
        'policy-domain': 'example.jp',
        'mx-host': ['*.example.jp'],
      },
      summary: { 'total-successful-session-count': 5326, 'total-failure-session-count': 3 },
      'failure-details': [
        {
          'result-type': 'certificate-expired',
          'sending-mta-ip': '2001:db8::1',
          'receiving-mx-hostname': 'mx1.example.jp',
          'failed-session-count': 3,
          'failure-reason-code': 'X509',
        },
      ],
    },
  ];
  expect(read(tlsJson(policies))).toMatchObject([{ kind: 'tls', 'report-id': 't-1', policies }]);
});

test.each<[string, (json: string) => string]>([
  ['a byte order mark', (json) => `\uFEFF${json}`],
  ['zeros at the end', (json) => `${json}\n\0\0`],
  [
    'underscores for hyphens',
    (json) =>
      json.replaceAll(/"([a-z]+(?:-[a-z]+)+)":/g, (_, name: string) => `"${name.replaceAll('-', '_')}":`),
  ],
  [
    'capital letters',
    (json) => json.replaceAll(/"([a-z-]+)":/g, (_, name: string) => `"${name.toUpperCase()}":`),
  ],
  ['numbers as text', (json) => json.replaceAll(/-count":(\d+)/g, '-count":"$1"')],
  ['one policy without a list', (json) => json.replace('"policies":[', '"policies":').replace(/\]\}$/, '}')],
])('%s', (_, change) => {
  const json = tlsJson([
    {
      policy: { 'policy-type': 'tlsa', 'policy-domain': 'example.jp' },
      summary: { 'total-successful-session-count': 7 },
    },
  ]);
  const [report] = read(change(json));
  expect(report?.policies[0]).toMatchObject({
    policy: { 'policy-type': 'tlsa', 'policy-domain': 'example.jp', 'mx-host': [] },
    summary: { 'total-successful-session-count': 7, 'total-failure-session-count': 0 },
    'failure-details': [],
  });
});

test('several in one list', () => {
  expect(read(`[${tlsJson([])},${tlsJson([], 't-2')},{"a":1}]`).map((report) => report['report-id'])).toEqual(
    ['t-1', 't-2'],
  );
});

test('the summary adds up, and says what each failure means', () => {
  const row = { policyDomain: 'example.jp', policyType: 'sts', mxHost: 'mx', reporters: 1, example: '' };
  const summary = summariseTls(
    {
      reports: 1,
      reporters: ['r'],
      beginMs: 0,
      endMs: 1,
      tallies: [
        { ...row, resultType: null, sessions: 10 },
        { ...row, resultType: 'certificate-expired', sessions: 2 },
        { ...row, resultType: 'constructor', sessions: 1 },
      ],
    },
    'example.jp',
  );
  expect(summary).toMatchObject({ sessions: 13, succeeded: 10, failed: 3 });
  expect(summary.troubles.map(({ meaning }) => meaning.en)).toEqual([
    'The certificate has expired.',
    'The report does not say why.',
  ]);
});
