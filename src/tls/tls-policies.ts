import type { StsFinding, StsPolicies } from './sts-policies.ts';

/** What the operator or a policy demands at least: `required` is encrypted, `verified` with a valid certificate. */
export type TlsFloor = 'none' | 'opportunistic' | 'required' | 'verified' | 'dane';

/** What mail to a domain demands of TLS. */
export type DomainTls = {
  /** By `delivery.tlsPolicies`; null: nothing of its own. */
  readonly floor: TlsFloor | null;
  /** TLSA records count: the resolver is trusted, and the operator does not ask for less. */
  readonly dane: boolean;
  readonly sts: StsFinding | null;
};

/** A line of `delivery.tlsPolicies`. */
export type TlsRule = { readonly domain: string; readonly mode: TlsFloor };

/** What recipient domains demand of TLS. */
export interface TlsPolicySource {
  /** By configuration alone: for mail that a route takes to another host than the domain's own. */
  configured(domain: string): DomainTls;
  /** Also by what the domain publishes. Never rejects. */
  policyFor(domain: string): Promise<DomainTls>;
}

export type TlsPolicyOptions = {
  readonly rules: readonly TlsRule[];
  /** null: `delivery.tls` is `none`, and nobody is asked. */
  readonly sts: StsPolicies | null;
  /** The resolver's word that an answer is signed is believed. */
  readonly trustAd: boolean;
};

export function createTlsPolicies({ rules, sts, trustAd }: TlsPolicyOptions): TlsPolicySource {
  const configured = (domain: string): DomainTls => {
    const floor = rules.find((rule) => matches(rule.domain, domain))?.mode ?? null;
    return { floor, dane: trustAd && (floor === 'dane' || isPublicCounted(floor)), sts: null };
  };
  // Who names a domain and asks for less than it publishes knows of that, and has a reason.
  const isPublicCounted = (floor: TlsFloor | null): boolean =>
    sts !== null && floor !== 'none' && floor !== 'opportunistic';
  return {
    configured,
    async policyFor(domain) {
      const own = configured(domain);
      if (sts === null || !isPublicCounted(own.floor)) return own;
      return { ...own, sts: await sts.find(domain) };
    },
  };
}

/** `*`, a domain, or `*.domain` for all below it. */
function matches(pattern: string, domain: string): boolean {
  return (
    pattern === '*' || pattern === domain || (pattern.startsWith('*.') && domain.endsWith(pattern.slice(1)))
  );
}
