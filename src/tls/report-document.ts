import { createHash } from 'node:crypto';
import type { TlsCount } from './ports.ts';

/** Who reports. */
export type Reporter = {
  readonly organization: string;
  /** Address for questions, and sender of the reports. */
  readonly contact: string;
};

/** A report of one day about one policy domain (RFC 8460 §4.4). */
export type TlsReportDocument = {
  readonly id: string;
  readonly day: string;
  readonly domain: string;
  /** As it is sent, before gzip. */
  readonly json: Readonly<Record<string, unknown>>;
};

// One report of a day about one domain; a peer that invents policies must not make it endless.
const mostPolicies = 100;
const mostDetails = 1_000;

/** The report of the counts of one day and domain; the same counts give the same report, with the same id. */
export function makeReport(
  counts: readonly TlsCount[],
  { day, domain }: { readonly day: string; readonly domain: string },
  reporter: Reporter,
): TlsReportDocument {
  const digest = createHash('sha256')
    .update(`${day} ${domain} ${reporter.contact}`)
    .digest('hex')
    .slice(0, 16);
  const id = `${day}T00:00:00Z_${domain}_${digest}`;
  const byPolicy = Map.groupBy(counts, ({ policyType, policy }) => JSON.stringify([policyType, policy]));
  const json = {
    'organization-name': reporter.organization,
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': reporter.contact,
    'report-id': id,
    policies: [...byPolicy.values()].slice(0, mostPolicies).map((each) => policyOf(each, domain)),
  };
  return { id, day, domain, json };
}

function policyOf(counts: readonly TlsCount[], domain: string): Readonly<Record<string, unknown>> {
  const [{ policyType, policy } = { policyType: 'no-policy-found', policy: [] as readonly string[] }] =
    counts;
  const sum = (some: readonly TlsCount[]): number =>
    some.reduce((total, { sessions }) => total + sessions, 0);
  const failed = counts.filter(({ result }) => result !== null);
  // RFC 8460 §4.4: the patterns that the MTA-STS policy names.
  const patterns = policyType === 'sts' ? policy.flatMap((line) => /^mx: (.*)$/.exec(line)?.[1] ?? []) : [];
  return {
    policy: {
      'policy-type': policyType,
      ...(policy.length > 0 ? { 'policy-string': policy } : {}),
      'policy-domain': domain,
      ...(patterns.length > 0 ? { 'mx-host': patterns } : {}),
    },
    summary: {
      'total-successful-session-count': sum(counts) - sum(failed),
      'total-failure-session-count': sum(failed),
    },
    ...(failed.length > 0 ? { 'failure-details': failed.slice(0, mostDetails).map(detailOf) } : {}),
  };
}

function detailOf(count: TlsCount): Readonly<Record<string, unknown>> {
  const { result, sendingIp, mxHost, receivingIp, sessions, reason } = count;
  return {
    'result-type': result,
    ...(sendingIp === '' ? {} : { 'sending-mta-ip': sendingIp }),
    ...(mxHost === '' ? {} : { 'receiving-mx-hostname': mxHost }),
    ...(receivingIp === '' ? {} : { 'receiving-ip': receivingIp }),
    'failed-session-count': sessions,
    ...(reason === '' ? {} : { 'failure-reason-code': reason }),
  };
}
