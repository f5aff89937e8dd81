import type { Bilingual } from '../base/index.ts';
import type { AggregateReport, FeedbackReport, Report, TlsReport } from './report.ts';

/** A report in a few lines for people. */
export function describeReport(report: Report): readonly Bilingual[] {
  switch (report.kind) {
    case 'dmarc-aggregate':
      return aggregateLines(report);
    case 'tls':
      return tlsLines(report);
    case 'complaint':
    case 'dmarc-failure':
      return feedbackLines(report);
  }
}

/** Messages of a record: a record that does not count stands for one at least. */
export function messagesOf(record: AggregateReport['records'][number]): number {
  return record.row.count ?? 1;
}

/** DMARC passes when one of the two passes and is aligned (RFC 9989 §4.10, formerly RFC 7489 §4.2). */
export function passesDmarc(record: AggregateReport['records'][number]): boolean {
  const { dkim, spf } = record.row.policy_evaluated;
  return dkim === 'pass' || spf === 'pass';
}

// A page; all of them are in --json.
const shownSources = 10;

function aggregateLines(report: AggregateReport): readonly Bilingual[] {
  const { report_metadata: metadata, policy_published: policy, records } = report;
  const total = sum(records.map(messagesOf));
  const passed = sum(records.filter(passesDmarc).map(messagesOf));
  const from = metadata.org_name ?? metadata.email ?? '?';
  const period = `${dayOf(metadata.date_range.begin)} – ${dayOf(metadata.date_range.end)}`;
  const failing = records
    .filter((record) => !passesDmarc(record))
    .toSorted((a, b) => messagesOf(b) - messagesOf(a));
  const shown = failing.slice(0, shownSources).map(sourceLine);
  const rest = failing.length - shown.length;
  return [
    {
      ja: `DMARC 集計レポート: ${policy.domain ?? '?'}（${from} から、${period}）`,
      en: `DMARC aggregate report for ${policy.domain ?? '?'} (from ${from}, ${period})`,
    },
    {
      ja: `  ポリシー p=${policy.p ?? '?'}。メール ${total} 通、合格 ${passed}、不合格 ${total - passed}`,
      en: `  policy p=${policy.p ?? '?'}; messages: ${total}, passed ${passed}, failed ${total - passed}`,
    },
    ...shown,
    ...(rest > 0
      ? [{ ja: `  ほか ${rest} 件（--json ですべて）`, en: `  and ${rest} more (--json shows all)` }]
      : []),
    ...mendedLine(report),
  ];
}

function sourceLine(record: AggregateReport['records'][number]): Bilingual {
  const { source_ip: ip, policy_evaluated: evaluated } = record.row;
  const from = record.identifiers.header_from ?? '?';
  const results = `DKIM ${evaluated.dkim ?? '?'}, SPF ${evaluated.spf ?? '?'} → ${evaluated.disposition ?? '?'}`;
  return {
    ja: `  不合格 ${ip ?? '?'}: ${messagesOf(record)} 通、差出人 ${from}（${results}）`,
    en: `  failed ${ip ?? '?'}: ${messagesOf(record)}, From ${from} (${results})`,
  };
}

function mendedLine(report: AggregateReport): readonly Bilingual[] {
  if (!report.mended.includes('truncated')) return [];
  return [
    {
      ja: '  注意: レポートが途中で切れています。数は実際より少ないかもしれません',
      en: '  note: the report is cut off; there may have been more',
    },
  ];
}

function tlsLines(report: TlsReport): readonly Bilingual[] {
  const range = report['date-range'];
  const from = report['organization-name'] ?? report['contact-info'] ?? '?';
  const period = `${range['start-datetime'] ?? '?'} – ${range['end-datetime'] ?? '?'}`;
  return [
    {
      ja: `TLS レポート（${from} から、${period}）`,
      en: `TLS report (from ${from}, ${period})`,
    },
    ...report.policies.flatMap(({ policy, summary, 'failure-details': failures }) => [
      {
        ja: `  ${policy['policy-domain'] ?? '?'}（${policy['policy-type'] ?? '?'}）: 成功 ${summary['total-successful-session-count']}、失敗 ${summary['total-failure-session-count']}`,
        en: `  ${policy['policy-domain'] ?? '?'} (${policy['policy-type'] ?? '?'}): ${summary['total-successful-session-count']} sessions fine, ${summary['total-failure-session-count']} failed`,
      },
      ...failures.slice(0, shownSources).map((failure) => {
        const line = `    ${failure['result-type'] ?? '?'}: ${failure['failed-session-count']} (${failure['receiving-mx-hostname'] ?? failure['receiving-ip'] ?? '?'})`;
        return { ja: line, en: line };
      }),
    ]),
  ];
}

function feedbackLines(report: FeedbackReport): readonly Bilingual[] {
  const domain = report.reported_domain.join(', ') || '?';
  const type = report.feedback_type ?? '?';
  const title =
    report.kind === 'complaint'
      ? { ja: `苦情（${type}）: ${domain}`, en: `complaint (${type}) about ${domain}` }
      : {
          ja: `認証失敗レポート（${report.auth_failure ?? '?'}）: ${domain}`,
          en: `authentication failure (${report.auth_failure ?? '?'}) of ${domain}`,
        };
  const about = report.original.subject ?? report.original.message_id ?? '?';
  return [
    title,
    {
      ja: `  送信元 ${report.source_ip ?? '?'}、到着 ${report.arrival_date_text ?? '?'}`,
      en: `  sent from ${report.source_ip ?? '?'}, arrived ${report.arrival_date_text ?? '?'}`,
    },
    {
      ja: `  From ${report.original.from ?? report.original_mail_from ?? '?'}、件名 ${about}`,
      en: `  From ${report.original.from ?? report.original_mail_from ?? '?'}, subject ${about}`,
    },
  ];
}

function dayOf(seconds: number | null): string {
  return seconds === null ? '?' : new Date(seconds * 1_000).toISOString().slice(0, 10);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, each) => total + each, 0);
}
