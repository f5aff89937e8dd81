import type { TlsProblem } from '../events/index.ts';
import type { TlsCount, TlsResultType } from './ports.ts';
import type { StsFinding, StsTrouble } from './sts-policies.ts';
import { stsLines, stsNamesHost } from './sts-policy.ts';

/** What came of TLS with a host; null beside it: all that there was to prove, and with it more than most policies ask. */
export type TlsTrouble = TlsProblem | 'no-starttls' | 'handshake' | 'lookup' | 'mx-mismatch';

/** Sessions with a host that mail to a domain went through, or would have. */
export type TlsSeen = {
  readonly domain: string;
  readonly host: string;
  readonly address: string | null;
  readonly source: string | null;
  readonly trouble: TlsTrouble | null;
  /** The TLSA records that counted; null: DANE did not apply. */
  readonly tlsa: readonly string[] | null;
  readonly sessions: number;
};

// RFC 8460 §4.3: the words of a report.
const resultTypes: { readonly [Trouble in TlsTrouble]: TlsResultType } = {
  'no-starttls': 'starttls-not-supported',
  handshake: 'validation-failure',
  'self-signed': 'certificate-not-trusted',
  untrusted: 'certificate-not-trusted',
  expired: 'certificate-expired',
  'name-mismatch': 'certificate-host-mismatch',
  'dane-mismatch': 'tlsa-invalid',
  lookup: 'dnssec-invalid',
  'mx-mismatch': 'validation-failure',
};

/** The sessions under the policy that the domain has, testing ones included (RFC 8460 §1). */
export function countOf(seen: TlsSeen, sts: StsFinding | null, day: string): TlsCount {
  const { domain: policyDomain, host: mxHost, sessions } = seen;
  const place = {
    day,
    policyDomain,
    mxHost,
    receivingIp: seen.address ?? '',
    sendingIp: seen.source ?? '',
    sessions,
  };
  if (seen.tlsa !== null)
    return { ...place, policyType: 'tlsa', policy: seen.tlsa, ...resultOf(seen.trouble) };
  const policy = sts?.policy ?? null;
  if (policy !== null) {
    const trouble = stsNamesHost(policy, mxHost) ? seen.trouble : 'mx-mismatch';
    return { ...place, policyType: 'sts', policy: stsLines(policy), ...resultOf(trouble) };
  }
  // Where nothing is published nothing has to be proved: encrypted is all that there is to succeed in.
  const isOpen = seen.trouble === 'no-starttls' || seen.trouble === 'handshake';
  return { ...place, policyType: 'no-policy-found', policy: [], ...resultOf(isOpen ? seen.trouble : null) };
}

function resultOf(trouble: TlsTrouble | null): Pick<TlsCount, 'result' | 'reason'> {
  return trouble === null ? { result: null, reason: '' } : { result: resultTypes[trouble], reason: trouble };
}

/** A policy that could not be had is a failure of its own (RFC 8460 §4.3.2.2). */
export function troubleCount(domain: string, trouble: StsTrouble, day: string): TlsCount {
  return {
    day,
    policyDomain: domain,
    policyType: 'sts',
    policy: [],
    result: trouble.kind,
    mxHost: '',
    receivingIp: '',
    sendingIp: '',
    reason: trouble.text.slice(0, longestReason),
    sessions: 1,
  };
}

// Strangers' web servers are quoted in it.
const longestReason = 200;

/** The day (UTC) of a moment, as reports have it (RFC 8460 §4.1): `2026-11-24`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
