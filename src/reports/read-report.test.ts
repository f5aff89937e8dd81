import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { gzip, mailWith, recordXml, reportXml, tlsJson, zip } from '../../test/support/report-samples.ts';
import { readReport, reportLimits } from './index.ts';
import type { AggregateReport, Report } from './index.ts';

function only(bytes: Uint8Array | string): Report {
  const reading = readReport(Buffer.from(bytes));
  if (!reading.ok) throw new Error(reading.fault);
  expect(reading.reports).toHaveLength(1);
  const [report] = reading.reports;
  if (report === undefined) throw new Error('no report');
  return report;
}

function aggregate(bytes: Uint8Array | string): AggregateReport {
  const report = only(bytes);
  if (report.kind !== 'dmarc-aggregate') throw new Error(`a ${report.kind}`);
  return report;
}

function faultOf(bytes: Uint8Array | string): string {
  const reading = readReport(Buffer.from(bytes));
  return reading.ok ? 'read' : reading.fault;
}

const sound = reportXml([
  recordXml({ ip: '192.0.2.1', count: 3 }),
  recordXml({ ip: '2001:db8::1', count: 4, dkim: 'fail' }),
]);

describe('however it is packed', () => {
  test.each<[string, Uint8Array]>([
    ['plain', Buffer.from(sound)],
    ['gzip', gzip(sound)],
    ['zip', zip({ 'r.xml': sound })],
    ['zip in gzip', gzip(zip({ 'r.xml': sound }))],
    ['a mail with a gzip of no type', mailWith(gzip(sound))],
    ['a mail with a zip called text', mailWith(zip({ 'r.xml': sound }), 'text/plain; name="report.pdf"')],
    ['a mail with the XML itself', mailWith(Buffer.from(sound), 'text/xml')],
    ['the XML in the text of a mail', Buffer.from(`Subject: report\n\nHello,\n\n${sound}\n-- \nRegards`)],
    [
      'the base64 of a gzip in the text',
      Buffer.from(`Subject: report\n\n${Buffer.from(gzip(sound)).toString('base64')}\n`),
    ],
    ['a mail in a zip', zip({ 'report.eml': mailWith(gzip(sound)).toString('latin1') })],
    ['a mail attached as a file', mailWith(mailWith(gzip(sound)))],
    [
      'a gzip in a mail as it is',
      Buffer.concat([
        Buffer.from(
          'Subject: r\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: binary\r\n\r\n',
        ),
        gzip(sound),
        Buffer.from('\r\n'),
      ]),
    ],
    [
      'a mail forwarded as an attachment',
      Buffer.from(
        `Subject: Fwd\nContent-Type: multipart/mixed; boundary=f\n\n--f\n\nsee below\n--f\nContent-Type: message/rfc822\n\n${mailWith(gzip(sound)).toString()}\n--f--\n`,
      ),
    ],
  ])('%s', (_, bytes) => {
    const report = aggregate(bytes);
    expect(report.records.map(({ row }) => [row.source_ip, row.count])).toEqual([
      ['192.0.2.1', 3],
      ['2001:db8::1', 4],
    ]);
    expect(report.report_metadata).toMatchObject({ org_name: 'Reporter', report_id: 'r-1' });
  });

  test('several in one zip', () => {
    const files = {
      'a.xml': sound,
      'b.xml': sound.replace('r-1', 'r-2'),
      't.json': tlsJson([]),
      'readme.txt': 'hello',
    };
    const reading = readReport(zip(files));
    expect(reading.ok && reading.reports.map((report) => report.kind)).toEqual([
      'dmarc-aggregate',
      'dmarc-aggregate',
      'tls',
    ]);
  });

  test('a gzip whose end is missing gives what is there', () => {
    const many = reportXml(
      Array.from({ length: 500 }, (_, at) => recordXml({ ip: `192.0.2.${at % 250}`, count: at })),
    );
    const whole = gzip(many);
    const report = aggregate(whole.subarray(0, whole.length - 200));
    expect(report.mended).toContain('truncated');
    expect(report.records.length).toBeGreaterThan(100);
    expect(report.records[100]?.row.count).toBe(100);
  });
});

describe('refused', () => {
  const zeros = Buffer.alloc(40 * 1024 * 1024, 0x20);
  test.each<[string, Uint8Array | string, string]>([
    ['nothing', '', 'empty'],
    ['a text', 'hello', 'no-report'],
    ['an ordinary mail', 'From: a@b.example\nSubject: hi\n\nhello', 'no-report'],
    ['other XML', '<?xml version="1.0"?><rss><channel/></rss>', 'no-report'],
    ['an empty root', '<feedback></feedback>', 'no-report'],
    ['broken JSON', '{"policies": [', 'broken-json'],
    ['other JSON', '{"a": 1}', 'no-report'],
    ['a gzip bomb', gzip(zeros), 'bomb'],
    ['a zip bomb', zip({ 'a.xml': zeros.toString('latin1') }), 'bomb'],
    ['a bomb in a mail', mailWith(gzip(zeros)), 'bomb'],
    ['a bomb in a gzip that is small enough', gzip(gzip(zeros)), 'bomb'],
    ['archives without end', gzip(gzip(gzip(gzip(gzip(sound))))), 'too-deep'],
    [
      'more files than any report has',
      zip(Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`${at}.txt`, 'x']))),
      'bomb',
    ],
    ['a damaged gzip', Buffer.concat([gzip(sound).subarray(0, 40), Buffer.alloc(400, 7)]), 'broken-archive'],
    ['JSON without end', `{"policies":${'['.repeat(100_000)}`, 'too-deep'],
    ['JSON without width', `{"policies":[${'{},'.repeat(200_000)}{}]}`, 'too-large'],
    ['XML without width', `<feedback><record>${'<a/>'.repeat(200_000)}`, 'too-large'],
    ['markup that is none', `<feedback>${'<'.repeat(200_000)}`, 'too-large'],
    ['XML without end', `<feedback>${'<a>'.repeat(1_000)}`, 'too-deep'],
    [
      'a billion laughs',
      '<!DOCTYPE feedback [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><feedback><report_metadata><org_name>&b;</org_name></report_metadata></feedback>',
      'entities',
    ],
    [
      'an external entity',
      '<!DOCTYPE feedback [<!ENTITY x SYSTEM "file:///etc/passwd">]><feedback><report_metadata><org_name>&x;</org_name></report_metadata></feedback>',
      'entities',
    ],
    ['one word of megabytes', `H4sI${'A'.repeat(6_000_000)}`, 'broken-archive'],
    ['blanks in the middle of JSON', `{"a":"${' '.repeat(2_000_000)}"}`, 'no-report'],
    ['one tag of megabytes before the root', `<${'a'.repeat(6_000_000)}<feedback></feedback>`, 'no-report'],
    ['more than is read', Buffer.alloc(reportLimits.inputBytes + 1, 0x3c), 'too-large'],
  ])('%s', (_, bytes, fault) => {
    expect(faultOf(bytes)).toBe(fault);
  });

  test('a zip with a password, by its name', () => {
    const bytes = Buffer.from(zip({ 'r.xml': sound }));
    bytes.writeUInt8(bytes.readUInt8(6) | 1, 6);
    expect(faultOf(bytes)).toBe('encrypted-archive');
  });

  test('many archives that are too much together', () => {
    const padded = Buffer.from(`${reportXml([])}<!--${randomBytes(2_150_000).toString('hex')}-->`);
    const once = mailWith(padded).toString('latin1');
    const attachment = once.slice(once.lastIndexOf('--b1\r\nContent-Type'), once.lastIndexOf('--b1--'));
    const reading = readReport(Buffer.from(once.replace('--b1--', `${attachment}--b1--`), 'latin1'));
    expect(reading.ok && reading.reports).toHaveLength(1);
    expect(reading.ok && reading.faults).toContain('too-large');
  });
});
