import type { DatabaseSync } from 'node:sqlite';
import { tlsPolicyTypes } from '../../tls/index.ts';
import type { StsStore, TlsCount, TlsCountStore, TlsReportState, TlsResultType } from '../../tls/index.ts';
import { numberOf, numberOrNull, textOf, wordOf } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

/** MTA-STS policies. */
export function stsStore(db: DatabaseSync, writer: Writer): StsStore {
  const find = db.prepare('SELECT id, text, fetched_ms, until_ms FROM sts_policy WHERE domain = ?');
  const keep = db.prepare(
    `INSERT INTO sts_policy (domain, id, text, fetched_ms, until_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET id = excluded.id, text = excluded.text, fetched_ms = excluded.fetched_ms,
       until_ms = excluded.until_ms`,
  );
  return {
    load(domain) {
      const row = find.get(domain);
      if (row === undefined) return null;
      return {
        id: textOf(row, 'id'),
        text: textOf(row, 'text'),
        fetchedMs: numberOf(row, 'fetched_ms'),
        untilMs: numberOf(row, 'until_ms'),
      };
    },
    save(domain, { id, text, fetchedMs, untilMs }) {
      writer.write(() => keep.run(domain, id, text, fetchedMs, untilMs));
    },
  };
}

const mostReports = 1_000;
const states = ['open', 'sent', 'unwanted', 'failed'] as const satisfies readonly TlsReportState['state'][];
// A record and not a list, so that a result added to the union is a type error here.
const results: { readonly [Result in TlsResultType]: Result } = {
  'starttls-not-supported': 'starttls-not-supported',
  'certificate-host-mismatch': 'certificate-host-mismatch',
  'certificate-expired': 'certificate-expired',
  'certificate-not-trusted': 'certificate-not-trusted',
  'validation-failure': 'validation-failure',
  'tlsa-invalid': 'tlsa-invalid',
  'dnssec-invalid': 'dnssec-invalid',
  'sts-policy-fetch-error': 'sts-policy-fetch-error',
  'sts-policy-invalid': 'sts-policy-invalid',
  'sts-webpki-invalid': 'sts-webpki-invalid',
};

const selectReports = `SELECT tls_count.day AS day, tls_count.policy_domain AS policy_domain, coalesce(state, 'open') AS state,
    coalesce(tries, 0) AS tries, at_ms, coalesce(detail, '') AS detail,
    sum(sessions) AS sessions, sum(CASE result WHEN '' THEN 0 ELSE sessions END) AS failures
  FROM tls_count LEFT JOIN tls_report USING (day, policy_domain)`;

/** Sessions by what TLS was like, and which days were reported. */
export function tlsCountStore(db: DatabaseSync, writer: Writer): TlsCountStore {
  const add = db.prepare(
    `INSERT INTO tls_count (day, policy_domain, policy_type, policy, result, mx_host, receiving_ip, sending_ip, reason,
       sessions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET sessions = sessions + excluded.sessions`,
  );
  const find = db.prepare('SELECT * FROM tls_count WHERE day = ? AND policy_domain = ?');
  const list = db.prepare(
    `${selectReports} WHERE ?1 IS NULL OR tls_count.day = ?1 GROUP BY tls_count.day, tls_count.policy_domain
     ORDER BY tls_count.day DESC, failures DESC, sessions DESC LIMIT ${mostReports}`,
  );
  const open = db.prepare(
    `${selectReports} WHERE tls_count.day < ? AND coalesce(state, 'open') = 'open'
     GROUP BY tls_count.day, tls_count.policy_domain ORDER BY tls_count.day, tries LIMIT ${mostReports}`,
  );
  const settle = db.prepare(
    `INSERT INTO tls_report (day, policy_domain, state, tries, at_ms, detail) VALUES (?, ?, ?, 1, ?, ?)
     ON CONFLICT DO UPDATE SET state = excluded.state, tries = tries + 1, at_ms = excluded.at_ms, detail = excluded.detail`,
  );
  const forgetCounts = db.prepare('DELETE FROM tls_count WHERE day < ?');
  const forgetReports = db.prepare('DELETE FROM tls_report WHERE day < ?');
  return {
    add(counts) {
      writer.write(() => {
        for (const each of counts) {
          const { day, policyDomain, policyType, result, mxHost, receivingIp, sendingIp, reason } = each;
          const policy = JSON.stringify(each.policy);
          const what = [policyDomain, policyType, policy, result ?? '', mxHost] as const;
          add.run(day, ...what, receivingIp, sendingIp, reason, each.sessions);
        }
      });
    },
    of: (day, domain) => find.all(day, domain).map(countOf),
    reports: (day) => list.all(day).map(reportOf),
    open: (day) => open.all(day).map(reportOf),
    settle({ day, domain, state, detail }, atMs) {
      writer.write(() => settle.run(day, domain, state, atMs, detail));
    },
    forget(day) {
      writer.write(() => {
        forgetCounts.run(day);
        forgetReports.run(day);
      });
    },
  };
}

function countOf(row: Row): TlsCount {
  const policy: unknown = JSON.parse(textOf(row, 'policy'));
  const result = textOf(row, 'result');
  return {
    day: textOf(row, 'day'),
    policyDomain: textOf(row, 'policy_domain'),
    policyType: wordOf(row, 'policy_type', tlsPolicyTypes),
    policy: Array.isArray(policy) ? policy.map(String) : [],
    result: result === '' ? null : wordOf(row, 'result', Object.values(results)),
    mxHost: textOf(row, 'mx_host'),
    receivingIp: textOf(row, 'receiving_ip'),
    sendingIp: textOf(row, 'sending_ip'),
    reason: textOf(row, 'reason'),
    sessions: numberOf(row, 'sessions'),
  };
}

function reportOf(row: Row): TlsReportState {
  return {
    day: textOf(row, 'day'),
    domain: textOf(row, 'policy_domain'),
    state: wordOf(row, 'state', states),
    tries: numberOf(row, 'tries'),
    atMs: numberOrNull(row, 'at_ms'),
    detail: textOf(row, 'detail'),
    sessions: numberOf(row, 'sessions'),
    failures: numberOf(row, 'failures'),
  };
}
