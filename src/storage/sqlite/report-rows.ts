import { createHash } from 'node:crypto';
import { comparableDomain } from '../../reports/index.ts';
import type { AggregateReport, FeedbackReport, Report, ReportKind, TlsReport } from '../../reports/index.ts';

/** A report as its row in `report`. */
export type ReportRow = {
  readonly kind: ReportKind;
  readonly org: string;
  readonly reportId: string;
  readonly domain: string;
  readonly beginMs: number;
  readonly endMs: number;
  readonly messages: number;
  readonly document: string;
};

export type RecordRow = readonly (string | number)[];
export type ResultRow = readonly (string | number | null)[];

/** null: a complaint, which is not kept here. */
export function reportRow(report: Report): ReportRow | null {
  switch (report.kind) {
    case 'dmarc-aggregate':
      return aggregateRow(report);
    case 'tls':
      return tlsRow(report);
    case 'dmarc-failure':
      return failureRow(report);
    case 'complaint':
      return null;
  }
}

function aggregateRow(report: AggregateReport): ReportRow {
  const { report_metadata: metadata, policy_published: policy } = report;
  const { records, ...rest } = report;
  return {
    kind: report.kind,
    org: (metadata.org_name ?? metadata.email?.split('@')[1] ?? '').toLowerCase(),
    reportId: metadata.report_id ?? digestOf(report),
    domain: comparableDomain(policy.domain ?? records[0]?.identifiers.header_from ?? null),
    beginMs: (metadata.date_range.begin ?? 0) * 1_000,
    endMs: (metadata.date_range.end ?? 0) * 1_000,
    messages: records.reduce((sum, record) => sum + (record.row.count ?? 1), 0),
    document: JSON.stringify(rest),
  };
}

function tlsRow(report: TlsReport): ReportRow {
  const { policies, ...rest } = report;
  return {
    kind: report.kind,
    org: (report['organization-name'] ?? report['contact-info'] ?? '').toLowerCase(),
    reportId: report['report-id'] ?? digestOf(report),
    domain: comparableDomain(policies[0]?.policy['policy-domain'] ?? null),
    beginMs: timeOf(report['date-range']['start-datetime']),
    endMs: timeOf(report['date-range']['end-datetime']),
    messages: policies.reduce(
      (sum, { summary }) =>
        sum + summary['total-successful-session-count'] + summary['total-failure-session-count'],
      0,
    ),
    document: JSON.stringify({
      ...rest,
      policies: policies.map(({ policy, summary }) => ({ policy, summary })),
    }),
  };
}

// It has no id of its own: the same mail reported twice by the same reporter is the same report.
function failureRow(report: FeedbackReport): ReportRow {
  const atMs = (report.arrival_date ?? 0) * 1_000;
  return {
    kind: 'dmarc-failure',
    org: (report.reporting_mta ?? report.user_agent ?? '').toLowerCase(),
    reportId: digestOf(report),
    domain: comparableDomain(report.reported_domain[0] ?? null),
    beginMs: atMs,
    endMs: atMs,
    messages: report.incidents,
    document: JSON.stringify(report),
  };
}

function digestOf(report: Report): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(report)).digest('hex').slice(0, 32)}`;
}

function timeOf(text: string | null): number {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}

/** In the order of the columns of `dmarc_record` after report_id and position. */
export function recordRows(report: Report): readonly RecordRow[] {
  if (report.kind !== 'dmarc-aggregate') return [];
  return report.records.map(({ row, identifiers, auth_results: results }) => {
    // The scope that DMARC looks at (RFC 9989 §4.2); HELO says who connected, not who sends.
    const spf = results.spf.find(({ scope }) => scope !== 'helo') ?? results.spf[0];
    return [
      row.source_ip ?? '',
      comparableDomain(identifiers.header_from ?? report.policy_published.domain),
      comparableDomain(identifiers.envelope_from),
      row.count ?? 1,
      row.policy_evaluated.dkim === 'pass' ? 1 : 0,
      row.policy_evaluated.spf === 'pass' ? 1 : 0,
      row.policy_evaluated.disposition ?? '',
      JSON.stringify(
        results.dkim.map(({ domain, selector, result }) => [
          comparableDomain(domain),
          selector ?? '',
          result ?? '',
        ]),
      ),
      comparableDomain(spf?.domain ?? null),
      spf?.result ?? '',
      JSON.stringify([...new Set(row.policy_evaluated.reason.flatMap(({ type }) => type ?? []))]),
    ];
  });
}

/** In the order of the columns of `tls_result` after report_id and position. */
export function resultRows(report: Report): readonly ResultRow[] {
  if (report.kind !== 'tls') return [];
  return report.policies.flatMap(({ policy, summary, 'failure-details': failures }) => {
    const domain = comparableDomain(policy['policy-domain']);
    const type = policy['policy-type'] ?? '';
    const rows: ResultRow[] = failures.map((failure) => [
      domain,
      type,
      failure['result-type'] ?? 'unspecified',
      failure['receiving-mx-hostname'] ?? failure['receiving-ip'] ?? '',
      failure['failed-session-count'],
      failure['failure-reason-code'] ?? failure['additional-information'] ?? '',
    ]);
    const told = failures.reduce((sum, failure) => sum + failure['failed-session-count'], 0);
    const untold = summary['total-failure-session-count'] - told;
    // Details are optional (RFC 8460 §4.4): failures without them are failures all the same.
    if (untold > 0) rows.push([domain, type, 'unspecified', '', untold, '']);
    const succeeded = summary['total-successful-session-count'];
    return succeeded > 0 ? [[domain, type, null, '', succeeded, ''], ...rows] : rows;
  });
}
