import type { DatabaseSync } from 'node:sqlite';
import type {
  DmarcTally,
  ReportQuery,
  ReportStore,
  Signature,
  StoredReport,
  TlsTally,
} from '../../reports/index.ts';
import { recordRows, reportRow, resultRows } from './report-rows.ts';
import { numberOf, numberOrNull, onlyRow, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

const kinds = ['dmarc-aggregate', 'dmarc-failure', 'tls'] as const;
const pageLimit = 1_000;
// Sources of a domain that is forged much; those beyond it sent one mail each, and are counted.
const mostTallies = 50_000;
// A summary names reporters, it does not list the internet.
const mostReporters = 1_000;

// A report that does not say its time counts by the day on which it came.
const endOf = 'CASE WHEN end_ms > 0 THEN end_ms ELSE stored_ms END';
const asked = `(?1 IS NULL OR domain = ?1 OR domain LIKE '%.' || ?1) AND (?2 IS NULL OR ${endOf} >= ?2)`;

/** DMARC and TLS reports. */
export function mailReportStore(db: DatabaseSync, writer: Writer): ReportStore {
  return { take: taker(db, writer), list: lister(db), dmarc: dmarcReader(db), tls: tlsReader(db) };
}

function taker(db: DatabaseSync, writer: Writer): ReportStore['take'] {
  const insert = db.prepare(
    `INSERT INTO report (kind, org, report_id, domain, begin_ms, end_ms, messages, stored_ms, document)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const record = db.prepare(`INSERT INTO dmarc_record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const result = db.prepare(`INSERT INTO tls_result VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  return (reports, atMs) =>
    writer.write(() => {
      const taken = { stored: 0, duplicates: 0, passed: 0 };
      for (const report of reports) {
        const row = reportRow(report);
        if (row === null) {
          taken.passed += 1;
          continue;
        }
        const { kind, org, reportId, domain, beginMs, endMs, messages, document } = row;
        const done = insert.run(kind, org, reportId, domain, beginMs, endMs, messages, atMs, document);
        if (done.changes === 0) {
          taken.duplicates += 1;
          continue;
        }
        taken.stored += 1;
        const id = done.lastInsertRowid;
        for (const [position, columns] of recordRows(report).entries()) record.run(id, position, ...columns);
        for (const [position, columns] of resultRows(report).entries()) result.run(id, position, ...columns);
      }
      return taken;
    });
}

function lister(db: DatabaseSync): ReportStore['list'] {
  const page = db.prepare(
    `SELECT kind, org, report_id, domain, begin_ms, end_ms, messages, stored_ms FROM report
     WHERE ${asked} ORDER BY ${endOf} DESC, id DESC LIMIT ?3`,
  );
  return ({ domain, sinceMs, limit }) =>
    page.all(domain, sinceMs, Math.min(Math.max(1, Math.trunc(limit)), pageLimit)).map(storedOf);
}

function storedOf(row: Row): StoredReport {
  return {
    kind: wordOf(row, 'kind', kinds),
    org: textOf(row, 'org'),
    reportId: textOf(row, 'report_id'),
    domain: textOf(row, 'domain'),
    beginMs: numberOf(row, 'begin_ms') || null,
    endMs: numberOf(row, 'end_ms') || null,
    messages: numberOf(row, 'messages'),
    storedMs: numberOf(row, 'stored_ms'),
  };
}

type Span = {
  readonly reports: number;
  readonly reporters: readonly string[];
  readonly beginMs: number | null;
  readonly endMs: number | null;
};

function spanReader(db: DatabaseSync, kind: 'dmarc-aggregate' | 'tls'): (query: ReportQuery) => Span {
  const span = db.prepare(
    `SELECT count(*) AS reports, min(nullif(begin_ms, 0)) AS begin_ms, max(nullif(end_ms, 0)) AS end_ms
     FROM report WHERE kind = '${kind}' AND ${asked}`,
  );
  const orgs = db.prepare(
    `SELECT org FROM report WHERE kind = '${kind}' AND ${asked} GROUP BY org ORDER BY count(*) DESC, org LIMIT ${mostReporters}`,
  );
  return ({ domain, sinceMs }) => {
    const row = onlyRow(span.get(domain, sinceMs));
    return {
      reports: numberOf(row, 'reports'),
      reporters: orgs.all(domain, sinceMs).map((each) => textOf(each, 'org')),
      beginMs: numberOrNull(row, 'begin_ms'),
      endMs: numberOrNull(row, 'end_ms'),
    };
  };
}

const alike =
  'source_ip, header_from, envelope_from, dkim_aligned, spf_aligned, disposition, signatures, spf_domain, spf_result, reasons';

function dmarcReader(db: DatabaseSync): ReportStore['dmarc'] {
  const span = spanReader(db, 'dmarc-aggregate');
  const from = `FROM dmarc_record AS record JOIN report ON report.id = record.report_id
     WHERE report.kind = 'dmarc-aggregate' AND ${asked}`;
  const tallies = db.prepare(
    `SELECT ${alike}, sum(record.messages) AS messages, count(DISTINCT report.org) AS reporters,
       json_group_array(DISTINCT strftime('%Y-%m-%d', (${endOf}) / 1000, 'unixepoch')) AS days
     ${from} GROUP BY ${alike} ORDER BY sum(record.messages) DESC, source_ip LIMIT ${mostTallies}`,
  );
  const total = db.prepare(`SELECT coalesce(sum(record.messages), 0) AS messages ${from}`);
  const policy = db.prepare(
    `SELECT document FROM report WHERE kind = 'dmarc-aggregate' AND ${asked} ORDER BY ${endOf} DESC, id DESC LIMIT 1`,
  );
  return (query) => {
    const { domain, sinceMs } = query;
    const rows = tallies.all(domain, sinceMs).map(tallyOf);
    const counted = rows.reduce((sum, row) => sum + row.messages, 0);
    const newest = policy.get(domain, sinceMs);
    return {
      ...span(query),
      policy: newest === undefined ? null : policyOf(textOf(newest, 'document')),
      tallies: rows,
      leftOut: numberOf(onlyRow(total.get(domain, sinceMs)), 'messages') - counted,
    };
  };
}

function tallyOf(row: Row): DmarcTally {
  return {
    sourceIp: textOf(row, 'source_ip'),
    headerFrom: textOf(row, 'header_from'),
    envelopeFrom: textOf(row, 'envelope_from'),
    dkimAligned: numberOf(row, 'dkim_aligned') === 1,
    spfAligned: numberOf(row, 'spf_aligned') === 1,
    disposition: textOf(row, 'disposition'),
    signatures: listOf(textOf(row, 'signatures')).flatMap(signatureOf),
    spfDomain: textOf(row, 'spf_domain'),
    spfResult: textOf(row, 'spf_result'),
    reasons: textsOf(listOf(textOf(row, 'reasons'))),
    messages: numberOf(row, 'messages'),
    days: textsOf(listOf(textOf(row, 'days'))).toSorted(),
    reporters: numberOf(row, 'reporters'),
  };
}

function listOf(json: string): readonly unknown[] {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list : [];
}

function textsOf(list: readonly unknown[]): readonly string[] {
  return list.filter((each) => typeof each === 'string');
}

function signatureOf(entry: unknown): readonly Signature[] {
  if (!Array.isArray(entry)) return [];
  const [domain = '', selector = '', result = ''] = textsOf(entry);
  return [{ domain, selector, result }];
}

function policyOf(document: string): { p: string | null; sp: string | null; pct: number | null } {
  const parsed: unknown = JSON.parse(document);
  const policy = memberOf(parsed, 'policy_published');
  const [p, sp, pct] = [memberOf(policy, 'p'), memberOf(policy, 'sp'), memberOf(policy, 'pct')];
  return {
    p: typeof p === 'string' ? p : null,
    sp: typeof sp === 'string' ? sp : null,
    pct: typeof pct === 'number' ? pct : null,
  };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function tlsReader(db: DatabaseSync): ReportStore['tls'] {
  const span = spanReader(db, 'tls');
  const tallies = db.prepare(
    `SELECT policy_domain, policy_type, result_type, mx_host, sum(sessions) AS sessions,
       count(DISTINCT report.org) AS reporters, max(example) AS example
     FROM tls_result AS result JOIN report ON report.id = result.report_id WHERE report.kind = 'tls' AND ${asked}
     GROUP BY policy_domain, policy_type, result_type, mx_host ORDER BY sum(sessions) DESC, mx_host LIMIT ${mostTallies}`,
  );
  return (query) => ({
    ...span(query),
    tallies: tallies.all(query.domain, query.sinceMs).map(tlsTallyOf),
  });
}

function tlsTallyOf(row: Row): TlsTally {
  return {
    policyDomain: textOf(row, 'policy_domain'),
    policyType: textOf(row, 'policy_type'),
    resultType: textOrNull(row, 'result_type'),
    mxHost: textOf(row, 'mx_host'),
    sessions: numberOf(row, 'sessions'),
    reporters: numberOf(row, 'reporters'),
    example: textOf(row, 'example'),
  };
}
