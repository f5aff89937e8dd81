import { describe, expect, test } from 'vitest';
import { describeReport, faultTexts, readReport, reportLimits } from '../../src/reports/index.ts';
import { mutate, seeded } from '../support/mutate.ts';
import { gzip, mailWith, recordXml, reportXml, tlsJson, zip } from '../support/report-samples.ts';

// `TODOKU_FUZZ_RUNS=250000` for a long one; a failure names the seed that makes it again.
const runs = Number(process.env['TODOKU_FUZZ_RUNS'] ?? 1_500);

const xml = reportXml([
  recordXml({ signatures: [['example.jp', 's1', 'pass']], reason: 'forwarded', envelopeFrom: 'a.example' }),
  recordXml({ ip: '2001:db8::1', dkim: 'fail', spfDomain: 'b.example' }),
]);
const tls = tlsJson([
  {
    policy: {
      'policy-type': 'sts',
      'policy-string': ['version: STSv1'],
      'policy-domain': 'example.jp',
      'mx-host': ['mx.example.jp'],
    },
    summary: { 'total-successful-session-count': 1, 'total-failure-session-count': 2 },
    'failure-details': [
      { 'result-type': 'certificate-expired', 'sending-mta-ip': '192.0.2.1', 'failed-session-count': 2 },
    ],
  },
]);
const feedback = `Subject: FW: hello
Content-Type: multipart/report; report-type=feedback-report; boundary=x

--x

This is an email abuse report for an email message received from IP 192.0.2.1 on Thu, 8 Mar 2005 14:00:00 EDT.
--x
Content-Type: message/feedback-report

Feedback-Type: auth-failure
Version: 1
Auth-Failure: dmarc
Authentication-Results: mx.example; dmarc=fail
  header.from=example.jp
Source-IP: 192.0.2.1
Arrival-Date: 8 Oct 2011 20:15:58 +0000 (GMT)

--x
Content-Type: text/rfc822-headers

From: a@example.jp
Subject: =?utf-8?q?hello?=
--x--
`;
const worded = `Subject: DMARC failure report\n\nSender IP Address: 192.0.2.1\nSender Domain: example.jp\nSPF Alignment: no\n\nCopy of the headers:\nFrom: a@example.jp\n`;

const seeds: Readonly<Record<string, Uint8Array>> = {
  'aggregate XML': Buffer.from(xml),
  'aggregate XML, escaped': Buffer.from(xml.replaceAll('<', '&lt;').replaceAll('>', '&gt;')),
  'aggregate XML, UTF-16': Buffer.from(`\uFEFF${xml}`, 'utf16le'),
  gzip: gzip(xml),
  zip: zip({ 'a.xml': xml, 'b.json': tls }),
  'mail with a zip': mailWith(zip({ 'a.xml': xml })),
  'mail with XML': mailWith(Buffer.from(xml), 'text/xml'),
  'TLS report': Buffer.from(tls),
  'mail with a TLS report': mailWith(gzip(tls), 'application/tlsrpt+gzip'),
  'feedback report': Buffer.from(feedback),
  'report in words': Buffer.from(worded),
};

// What breaks parsers when it comes a thousand times.
const pieces = (
  '< > <!-- --> <![CDATA[ ]]> <? & &#x41; &amp; </ /> <a> </a> <record> </record> <feedback> <__proto__> <dkim> ' +
  '<extension\\sname=" [ { " \\\\ {"policies": \\s \\n \\r\\n\\r\\n --b1\\r\\n --x\\n : \\0 Content-Type:\\smessage/rfc822\\n\\n ' +
  'Feedback-Type:\\sabuse\\n PK\\3\\4 \\x1f\\x8b\\x08'
)
  .split(' ')
  .map((piece) => Buffer.from(piece.replaceAll(/\\(x..|.)/g, unescaped), 'latin1'));

/** `\n`, `\s`, `\x1f`, `\3` as the octets they stand for. */
function unescaped(_: string, escape: string): string {
  const named = new Map([
    ['n', '\n'],
    ['r', '\r'],
    ['s', ' '],
    ['\\', '\\'],
  ]).get(escape);
  return named ?? String.fromCodePoint(Number.parseInt(escape.replace('x', ''), 16));
}

describe('changed reports', () => {
  test.each(Object.entries(seeds))('%s', (_, bytes) => {
    for (let seed = 1; seed <= runs; seed += 1) expectSound(mutate(bytes, seeded(seed), pieces), seed);
  });
});

/** Reading ends in a value, and what it says is within the limits. */
function expectSound(bytes: Uint8Array, seed: number): void {
  const reading = readReport(bytes);
  if (!reading.ok) {
    expect(faultTexts[reading.fault].ja, `seed ${seed}`).not.toBe('');
    return;
  }
  expect(reading.reports.length, `seed ${seed}`).toBeLessThanOrEqual(reportLimits.reportsPerInput);
  for (const report of reading.reports) {
    expect(longestText(report), `seed ${seed}`).toBeLessThanOrEqual(reportLimits.headerCharacters);
    for (const line of describeReport(report)) expect(line.en, `seed ${seed}`).not.toContain('undefined');
  }
}

function longestText(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce(
    (longest: number, each: unknown) => Math.max(longest, longestText(each)),
    0,
  );
}
