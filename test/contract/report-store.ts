import { describe, expect, test } from 'vitest';
import { readReport } from '../../src/reports/index.ts';
import type { Report, ReportStore } from '../../src/reports/index.ts';
import { recordXml, reportXml, tlsJson } from '../support/report-samples.ts';
import type { MakeStore } from './contract-store.ts';
import { startMs } from './samples.ts';

function read(...texts: readonly string[]): readonly Report[] {
  return texts.flatMap((text) => {
    const reading = readReport(Buffer.from(text));
    if (!reading.ok) throw new Error(reading.fault);
    return reading.reports;
  });
}

const all = { domain: null, sinceMs: null } as const;
const dayMs = 86_400_000;
const dayOf = (day: number): { begin: number; end: number } => ({
  begin: (startMs + day * dayMs) / 1_000,
  end: (startMs + (day + 1) * dayMs) / 1_000 - 1,
});

const failure =
  'Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nReported-Domain: example.jp\nSource-IP: 192.0.2.1\n';
const complaint = failure.replace('auth-failure', 'abuse');
const inMail = (part: string): string =>
  `Content-Type: multipart/report; boundary=x\n\n--x\n${part}\n--x--\n`;

/** What every ReportStore does. */
export function reportStoreContract(makeStore: MakeStore<{ readonly mailReports: ReportStore }>): void {
  describe('ReportStore', () => {
    test('keeps the same report once, and another of the same name', () => {
      const { mailReports } = makeStore();
      const xml = reportXml([recordXml()], dayOf(0));
      expect(mailReports.take(read(xml, `text before\n${xml}`), startMs)).toEqual({
        stored: 1,
        duplicates: 1,
        passed: 0,
      });
      const others = [
        reportXml([recordXml()], { ...dayOf(0), org: 'Other' }),
        reportXml([recordXml()], { ...dayOf(0), id: 'r-2' }),
        reportXml([recordXml()], { ...dayOf(0), domain: 'other.example' }),
        reportXml([recordXml()], dayOf(1)),
      ];
      expect(mailReports.take(read(...others, xml), startMs)).toEqual({
        stored: 4,
        duplicates: 1,
        passed: 0,
      });
      expect(mailReports.list({ ...all, limit: 10 })).toHaveLength(5);
      expect(mailReports.dmarc(all)).toMatchObject({ reports: 5, reporters: ['reporter', 'other'] });
    });

    test('keeps failure reports, and leaves complaints to whoever suppresses', () => {
      const { mailReports } = makeStore();
      const reports = read(inMail(failure), inMail(complaint));
      expect(mailReports.take(reports, startMs)).toEqual({ stored: 1, duplicates: 0, passed: 1 });
      expect(mailReports.take(reports, startMs)).toEqual({ stored: 0, duplicates: 1, passed: 1 });
      expect(mailReports.list({ ...all, limit: 10 })).toMatchObject([
        { kind: 'dmarc-failure', domain: 'example.jp', messages: 1, endMs: null, storedMs: startMs },
      ]);
    });

    test('adds up records that are alike, over reports and days', () => {
      const { mailReports } = makeStore();
      const ours = recordXml({
        count: 3,
        dkim: 'pass',
        spf: 'fail',
        signatures: [['example.jp', 's1', 'pass']],
        spfDomain: 'bounce.example',
        spfResult: 'softfail',
        reason: 'forwarded',
      });
      const forged = recordXml({ ip: '198.51.100.7', count: 1, dkim: 'fail' });
      mailReports.take(
        read(
          reportXml([ours, forged, ours], { ...dayOf(0), policy: 'none' }),
          reportXml([ours], { ...dayOf(1), org: 'Other', policy: 'reject' }),
        ),
        startMs,
      );
      const { tallies, ...rest } = mailReports.dmarc({ domain: 'example.jp', sinceMs: null });
      expect(tallies).toHaveLength(2);
      expect(tallies[0]).toEqual({
        sourceIp: '192.0.2.1',
        headerFrom: 'example.jp',
        envelopeFrom: '',
        dkimAligned: true,
        spfAligned: false,
        disposition: 'none',
        signatures: [{ domain: 'example.jp', selector: 's1', result: 'pass' }],
        spfDomain: 'bounce.example',
        spfResult: 'softfail',
        reasons: ['forwarded'],
        messages: 9,
        days: [0, 1].map((day) => new Date(dayOf(day).end * 1_000).toISOString().slice(0, 10)),
        reporters: 2,
      });
      expect(rest).toMatchObject({
        reports: 2,
        policy: { p: 'reject', sp: null, pct: 100 },
        beginMs: dayOf(0).begin * 1_000,
        endMs: dayOf(1).end * 1_000,
        leftOut: 0,
      });
    });

    test('answers for a domain, those below it, and a time', () => {
      const { mailReports } = makeStore();
      mailReports.take(
        read(
          reportXml([recordXml()], { ...dayOf(0), domain: 'example.jp' }),
          reportXml([recordXml()], { ...dayOf(5), domain: 'News.Example.JP.' }),
          reportXml([recordXml()], { ...dayOf(5), domain: 'badexample.jp' }),
        ),
        startMs,
      );
      const count = (domain: string, sinceMs: number | null): number =>
        mailReports.dmarc({ domain, sinceMs }).reports;
      expect(count('example.jp', null)).toBe(2);
      expect(count('example.jp', startMs + 3 * dayMs)).toBe(1);
      expect(count('news.example.jp', null)).toBe(1);
      expect(count('jp.example', null)).toBe(0);
      const listed = mailReports.list({ domain: null, sinceMs: startMs + 3 * dayMs, limit: 1 });
      expect(listed.map(({ domain }) => domain)).toEqual(['badexample.jp']);
    });

    test('counts TLS sessions, also failures that have no details', () => {
      const { mailReports } = makeStore();
      const policy = {
        policy: { 'policy-type': 'sts', 'policy-domain': 'Example.jp' },
        summary: { 'total-successful-session-count': 10, 'total-failure-session-count': 5 },
        'failure-details': [
          {
            'result-type': 'certificate-expired',
            'receiving-mx-hostname': 'mx.example.jp',
            'failed-session-count': 3,
          },
        ],
      };
      mailReports.take(read(tlsJson([policy]), tlsJson([policy], 't-2')), startMs);
      const { tallies, reports } = mailReports.tls({ domain: 'example.jp', sinceMs: null });
      expect(reports).toBe(2);
      expect(tallies.map(({ resultType, mxHost, sessions }) => [resultType, mxHost, sessions])).toEqual([
        [null, '', 20],
        ['certificate-expired', 'mx.example.jp', 6],
        ['unspecified', '', 4],
      ]);
    });

    test('has nothing to say of nothing', () => {
      const { mailReports } = makeStore();
      expect(mailReports.dmarc(all)).toEqual({
        reports: 0,
        reporters: [],
        beginMs: null,
        endMs: null,
        policy: null,
        tallies: [],
        leftOut: 0,
      });
      expect(mailReports.tls(all)).toMatchObject({ reports: 0, tallies: [] });
    });
  });
}
