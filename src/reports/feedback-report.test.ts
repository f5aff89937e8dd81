import { describe, expect, test } from 'vitest';
import { readReport } from './index.ts';
import type { FeedbackReport } from './index.ts';

function read(mail: string): FeedbackReport {
  const reading = readReport(Buffer.from(mail));
  if (!reading.ok) throw new Error(reading.fault);
  expect(reading.reports).toHaveLength(1);
  const [report] = reading.reports;
  if (report?.kind !== 'complaint' && report?.kind !== 'dmarc-failure') throw new Error(`a ${report?.kind}`);
  return report;
}

const fields = `Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <sender@example.jp>
Original-Rcpt-To: <user@receiver.example>
Arrival-Date: Thu, 8 Mar 2005 14:00:00 JST
Reporting-MTA: dns; mx.receiver.example
Source-IP: [IPv6:2001:db8::1]
Source-Port: 2525
Incidents: 3
Reported-Domain: example.jp
Reported-URI: https://example.jp/a
Reported-URI: mailto:a@example.jp
Authentication-Results: mx.receiver.example;
  spf=fail smtp.mailfrom=sender@example.jp
Delivery-Result: spam`;

const original =
  'From: =?UTF-8?B?5bGK44GP?= <sender@example.jp>\nTo: user@receiver.example\nMessage-ID: <1@example.jp>\nSubject: hi\n\nbody';

const mailWithParts = (...parts: readonly string[]): string =>
  `Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n${parts.map((part) => `--x\n${part}\n`).join('')}--x--\n`;

test('a complaint with all its fields', () => {
  const report = read(
    mailWithParts(
      `\nThis is a complaint.`,
      `Content-Type: message/feedback-report\n\n${fields}`,
      `Content-Type: message/rfc822\n\n${original}`,
    ),
  );
  expect(report).toMatchObject({
    kind: 'complaint',
    feedback_type: 'abuse',
    user_agent: 'SomeGenerator/1.0',
    version: 1,
    incidents: 3,
    arrival_date: Date.UTC(2005, 2, 8, 5) / 1_000,
    source_ip: '2001:db8::1',
    source_port: 2525,
    original_mail_from: '<sender@example.jp>',
    original_rcpt_to: '<user@receiver.example>',
    reporting_mta: 'mx.receiver.example',
    reported_domain: ['example.jp'],
    reported_uri: ['https://example.jp/a', 'mailto:a@example.jp'],
    authentication_results: ['mx.receiver.example;\n  spf=fail smtp.mailfrom=sender@example.jp'],
    delivery_result: 'spam',
    headers: null,
    original: { message_id: '<1@example.jp>', from: '届く <sender@example.jp>', subject: 'hi' },
    machine_readable: true,
  });
});

describe('however it is wrapped', () => {
  const base64 = Buffer.from(fields).toString('base64');
  test.each<[string, string]>([
    [
      'encoded',
      mailWithParts(`Content-Type: message/feedback-report\nContent-Transfer-Encoding: base64\n\n${base64}`),
    ],
    ['as a file of no type', mailWithParts(`Content-Type: application/octet-stream\n\n${fields}`)],
    ['as text', mailWithParts(`Content-Type: text/plain\n\n${fields}`)],
    [
      'forwarded as an attachment',
      `Content-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: message/rfc822\n\n${mailWithParts(`Content-Type: message/feedback-report\n\n${fields}`)}\n--y--\n`,
    ],
    ['the part alone', fields],
    [
      'with CR LF',
      mailWithParts(`Content-Type: message/feedback-report\n\n${fields}`).replaceAll('\n', '\r\n'),
    ],
  ])('%s', (_, mail) => {
    expect(read(mail)).toMatchObject({ feedback_type: 'abuse', incidents: 3, source_ip: '2001:db8::1' });
  });
});

test('several complaints forwarded together', () => {
  const one = mailWithParts(`Content-Type: message/feedback-report\n\n${fields}`);
  const reading = readReport(
    Buffer.from(
      `Content-Type: multipart/digest; boundary=y\n\n--y\n\n${one}\n--y\n\n${one.replace('abuse', 'fraud')}\n--y--\n`,
    ),
  );
  expect(
    reading.ok && reading.reports.map((report) => report.kind === 'complaint' && report.feedback_type),
  ).toEqual(['abuse', 'fraud']);
});

test('incidents are one when the report does not say (RFC 5965 §3.2)', () => {
  expect(read('Feedback-Type: abuse\nVersion: 1\n').incidents).toBe(1);
});

test('an authentication failure without its type (RFC 6591 §3.1 asks for it)', () => {
  expect(read(mailWithParts('Content-Type: message/feedback-report\n\nAuth-Failure: DKIM\n'))).toMatchObject({
    kind: 'dmarc-failure',
    feedback_type: 'auth-failure',
    auth_failure: 'dkim',
  });
});

describe('told in words alone', () => {
  test('lines with labels, and the header below', () => {
    const report = read(
      `Subject: DMARC failure report for example.jp\n\nA message has failed DMARC.\n\n  Source IP: 203.0.113.9\n  From Domain: example.jp\n  Received date: Mon, 07 Apr 2025 23:16:09 +0200\n  SPF Alignment: yes\n  DKIM Alignment: no\n  Disposition: quarantine\n\n--- Copy of the message headers ---\n\nFrom: a@example.jp\nSubject: hello\nMessage-ID: <2@example.jp>\n`,
    );
    expect(report).toMatchObject({
      kind: 'dmarc-failure',
      source_ip: '203.0.113.9',
      reported_domain: ['example.jp'],
      arrival_date: Date.UTC(2025, 3, 7, 21, 16, 9) / 1_000,
      identity_alignment: 'dkim',
      delivery_result: 'spam',
      original: { subject: 'hello', message_id: '<2@example.jp>' },
      machine_readable: false,
    });
  });

  test('the sentence of RFC 6591 appendix B, and the mail attached', () => {
    const report = read(
      mailWithParts(
        `Content-Type: text/plain\n\nThis is an authentication failure report for an email message received from IP\n192.0.2.7 on Thu, 8 Mar 2005 14:00:00 EDT.\n`,
        `Content-Type: message/rfc822\n\n${original}`,
      ),
    );
    expect(report).toMatchObject({
      kind: 'dmarc-failure',
      source_ip: '192.0.2.7',
      original: { subject: 'hi' },
    });
    expect(report.arrival_date).toBe(Date.UTC(2005, 2, 8, 18) / 1_000);
  });

  test.each([
    [
      'an ordinary mail about DMARC',
      'Subject: our DMARC report\n\nDear all, the DMARC report for May is fine. IP: none.\n',
    ],
    ['a bounce', 'Subject: failure\n\nhost mx.example[192.0.2.1] said: 550 5.1.1 unknown\n'],
    ['a newsletter on spam', 'Subject: abuse report 2026\n\nRead our abuse report: it was 10.5 percent.\n'],
  ])('%s is none', (_, mail) => {
    expect(readReport(Buffer.from(mail))).toEqual({ ok: false, fault: 'no-report' });
  });
});
