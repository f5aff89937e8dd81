import { describe, expect, test } from 'vitest';
import { recordXml, reportXml } from '../../test/support/report-samples.ts';
import { readReport } from './index.ts';
import type { AggregateReport } from './index.ts';

function read(bytes: string | Buffer): AggregateReport {
  const reading = readReport(Buffer.from(bytes));
  if (!reading.ok) throw new Error(reading.fault);
  const [report] = reading.reports;
  if (report?.kind !== 'dmarc-aggregate') throw new Error(`a ${report?.kind}`);
  return report;
}

const records = [recordXml({ ip: '192.0.2.1', count: 3 }), recordXml({ ip: '192.0.2.2', count: 4 })];
const sound = reportXml(records);
const plain = read(sound);

/** What a report says, without how it was mended. */
function says(report: AggregateReport): Omit<AggregateReport, 'mended'> {
  const { mended, ...rest } = report;
  expect(mended.length).toBeGreaterThan(0);
  return rest;
}

test('a sound one is not mended', () => {
  expect(plain.mended).toEqual([]);
  expect(plain.records).toHaveLength(2);
  expect(plain.policy_published).toMatchObject({ domain: 'example.jp', p: 'none', pct: 100, testing: false });
});

describe('broken, and read all the same', () => {
  const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');
  test.each<[string, string | Buffer, string]>([
    ['text before the prolog', `Here is your report:\r\n${sound}`, 'text-around'],
    ['UTF-16 that says UTF-8', utf16(sound), 'encoding'],
    ['UTF-16 without a byte order mark', utf16(sound).subarray(2), 'encoding'],
    ['UTF-8 that says UTF-16', sound.replace('"UTF-8"', '"UTF-16"'), 'encoding'],
    [
      'escaped as HTML',
      sound.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
      'html-escaped',
    ],
    ['no root', sound.replace('<feedback>', '').replace('</feedback>', ''), 'no-root'],
    ['no end of the root', sound.replace('</feedback>', ''), 'truncated'],
    ['a start tag where an end tag belongs', sound.replace('</count>', '<count>'), 'tags'],
    ['end tags forgotten', sound.replaceAll('</source_ip>', '').replaceAll('</row>', ''), 'tags'],
    ['a record that never ends', sound.replace('</record>', ''), 'tags'],
    ['end tags too many', sound.replaceAll('</record>', '</row></record></record>'), 'tags'],
  ])('%s', (_, bytes, mend) => {
    const report = read(bytes);
    const without = { version: null, mended: null };
    // Without a root, what stands in it is found all the same, but for the version that stood beside.
    expect({ ...says(report), ...without }).toEqual({ ...plain, ...without });
    expect(report.mended).toContain(mend);
  });

  test.each<[string, string]>([
    ['a byte order mark', `\uFEFF${sound}`],
    [
      'capital letters',
      sound.replaceAll(
        /<(\/?)(\w+)>/g,
        (_, slash: string, name: string) => `<${slash}${name.toUpperCase()}>`,
      ),
    ],
    ['prefixes', sound.replaceAll(/<(\/?)(\w+)>/g, '<$1ns2:$2>')],
    [
      'the namespace of RFC 9990',
      sound.replace('<feedback>', '<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">'),
    ],
    [
      'a document type without entities',
      sound.replace('<feedback>', '<!DOCTYPE feedback SYSTEM "dmarc.dtd"><feedback>'),
    ],
    ['comments', sound.replaceAll('<row>', '<!-- <record> --><row><!---->')],
    ['CDATA', sound.replaceAll(/<source_ip>([^<]*)</g, '<source_ip><![CDATA[$1]]><')],
    ['`identities`, as the first drafts had it', sound.replaceAll('identifiers>', 'identities>')],
    [
      'times in milliseconds',
      sound.replace('1700000000', '1700000000000').replace('1700086399', '1700086399999'),
    ],
    [
      'dates',
      sound.replace('1700000000', '2023-11-14T22:13:20Z').replace('1700086399', '2023-11-15 22:13:19Z'),
    ],
    ['addresses in brackets', sound.replaceAll(/<source_ip>([^<]*)</g, '<source_ip> [$1] <')],
    ['end of line as CR LF', sound.replaceAll('\n', '\r\n')],
  ])('%s', (_, text) => {
    expect(read(text).records).toEqual(plain.records);
    expect(read(text).report_metadata).toEqual(plain.report_metadata);
  });

  test('what stands before the cut of a truncated report', () => {
    const cut = read(sound.slice(0, sound.lastIndexOf('<identifiers>')));
    expect(cut.mended).toContain('truncated');
    expect(cut.records[0]).toEqual(plain.records[0]);
    expect(cut.records[1]?.row).toEqual(plain.records[1]?.row);
  });

  test('several policies: the first is taken', () => {
    const second = '<policy_published><domain>other.example</domain><p>reject</p></policy_published>';
    const report = read(sound.replace('<record>', `${second}<record>`));
    expect(report.policy_published.domain).toBe('example.jp');
    expect(report.mended).toEqual(['several-policies']);
  });

  test('entities are decoded once; those nobody declared stay', () => {
    const name = (text: string): string | null =>
      read(reportXml(records, { org: text })).report_metadata.org_name;
    expect(name('A &amp; B')).toBe('A & B');
    expect(name('&amp;lt;')).toBe('&lt;');
    expect(name('&#x5C4A;&#12367;')).toBe('届く');
    expect(name('&unknown; & Co')).toBe('&unknown; & Co');
  });

  test('encodings that are named', () => {
    const latin = Buffer.from(
      reportXml(records, { org: 'Société' }).replace('UTF-8', 'ISO-8859-1'),
      'latin1',
    );
    expect(read(latin).report_metadata.org_name).toBe('Société');
    const wrong = Buffer.from(reportXml(records, { org: 'Société' }), 'latin1');
    expect(read(wrong).report_metadata.org_name).toBe('Société');
    expect(read(wrong).mended).toEqual(['encoding']);
  });

  test('names of JavaScript are names like any other', () => {
    const report = read(
      reportXml([
        '<record><__proto__><x>1</x></__proto__><constructor>2</constructor><row><source_ip>192.0.2.9</source_ip></row></record>',
      ]),
    );
    expect(report.records[0]?.row.source_ip).toBe('192.0.2.9');
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });
});

test('what is not said is null, and a count is never made up', () => {
  const [record] = read(reportXml(['<record><row><source_ip></source_ip></row></record>'])).records;
  expect(record).toEqual({
    row: {
      source_ip: null,
      count: null,
      policy_evaluated: { disposition: null, dkim: null, spf: null, reason: [] },
    },
    identifiers: { header_from: null, envelope_from: null, envelope_to: null },
    auth_results: { dkim: [], spf: [] },
    extensions: [],
  });
});

test('several signatures, reasons and extensions', () => {
  const xml = recordXml({
    signatures: [
      ['a.example', 's1', 'pass'],
      ['b.example', 's2', 'fail'],
    ],
    reason: 'sampled_out',
  });
  const extended = xml.replace(
    '</record>',
    '<extensions><extension name="n" definition="https://x.example/?a=1&amp;b=2"><d/></extension></extensions></record>',
  );
  const [record] = read(reportXml([extended])).records;
  expect(record?.auth_results.dkim.map(({ domain, selector, result }) => [domain, selector, result])).toEqual(
    [
      ['a.example', 's1', 'pass'],
      ['b.example', 's2', 'fail'],
    ],
  );
  expect(record?.row.policy_evaluated.reason).toEqual([
    { type: 'sampled_out', type_rfc9990: 'other', comment: null },
  ]);
  expect(record?.extensions).toEqual([{ name: 'n', definition: 'https://x.example/?a=1&b=2' }]);
});

test('IP addresses have one spelling, domains are as sent', () => {
  const spellings = ['2001:DB8:0:0:0:0:0:1', '2001:0db8::0001', 'IPv6:2001:db8::1', ' [2001:db8::1] '];
  const report = read(reportXml(spellings.map((ip) => recordXml({ ip, headerFrom: 'Example.JP' }))));
  expect(new Set(report.records.map(({ row }) => row.source_ip))).toEqual(new Set(['2001:db8::1']));
  expect(report.records[0]?.identifiers.header_from).toBe('Example.JP');
});
