import { isUsableTlsa } from '../protocol/dane/index.ts';
import type { TlsaRecord } from '../protocol/dane/index.ts';
import type { DnsAnswer, Resolver } from '../net/dns/index.ts';
import type { SmtpFailure, TlsProof } from '../net/smtp-client/index.ts';
import type { LocalCause } from '../events/index.ts';
import type { SiteHost } from './site.ts';
import type { SiteTls } from './site-tls.ts';

/** How one host is to be dialled. `tlsa`: its usable or unusable TLSA records, where DANE applies. */
export type HostTls = {
  readonly mode: 'none' | 'opportunistic' | 'required';
  readonly proof: TlsProof | null;
  readonly hostTrusted: boolean;
  readonly tlsa: readonly TlsaRecord[] | null;
};

export type HostTlsResult =
  | { readonly ok: true; readonly tls: HostTls }
  | { readonly ok: false; readonly failure: SmtpFailure };

/** What is known of the host when it is to be dialled. */
export type HostFacts = {
  readonly host: SiteHost;
  /** `delivery.tls`, or what the limits of the path say. */
  readonly mode: HostTls['mode'];
  readonly site: SiteTls | null;
  /** A route of the configuration leads here. */
  readonly configured: boolean;
  /** The addresses and every alias on the way to them are signed. */
  readonly addressesSigned: boolean;
  /** Where the aliases of the host end; null: it is none. */
  readonly canonicalName: string | null;
};

/** RFC 7672 §2, RFC 8461 §5: what this host has to offer and to prove. Where TLSA records apply they alone decide. */
export async function hostTls(facts: HostFacts, resolver: Resolver): Promise<HostTlsResult> {
  const { site, host } = facts;
  if (site === null) return plain(facts.mode, facts.configured);
  if (site.floor === 'none' || site.floor === 'opportunistic') return plain(site.floor, facts.configured);
  const hostTrusted =
    facts.configured || site.hostsSigned || (site.sts && !site.unlisted.includes(host.host));
  const found = site.dane ? await findTlsa(facts, resolver) : null;
  if (found !== null && 'failed' in found) {
    const text = `the TLSA records of ${host.host} cannot be looked up safely: ${found.failed}`;
    return failure('dane-lookup-failed', text);
  }
  if (found !== null) return byTlsa(found, { facts, hostTrusted });
  if (site.floor === 'dane')
    return failure('dane-absent', `${host.host} has no signed TLSA records, which are demanded`);
  if (site.sts && site.unlisted.includes(host.host)) {
    const text = `the MTA-STS policy of the domain does not name ${host.host}`;
    return failure('sts-mx-mismatch', text);
  }
  if (site.sts || site.floor === 'verified')
    return { ok: true, tls: { mode: 'required', proof: { by: 'pkix' }, hostTrusted, tlsa: null } };
  const mode = site.floor === 'required' ? 'required' : facts.mode;
  return { ok: true, tls: { mode, proof: null, hostTrusted, tlsa: null } };
}

function plain(mode: HostTls['mode'], hostTrusted: boolean): HostTlsResult {
  return { ok: true, tls: { mode, proof: null, hostTrusted, tlsa: null } };
}

function failure(cause: LocalCause, text: string): HostTlsResult {
  return { ok: false, failure: { origin: 'local', stage: 'route', cause, text } };
}

type Tlsa = { readonly base: string; readonly records: readonly TlsaRecord[] };

function byTlsa(
  { base, records }: Tlsa,
  { facts, hostTrusted }: { readonly facts: HostFacts; readonly hostTrusted: boolean },
): HostTlsResult {
  const { site, host } = facts;
  const usable = records.filter(isUsableTlsa);
  if (usable.length > 0) {
    // RFC 7672 §3.2.2: the base domain first; where that is the end of aliases, the name of the host counts as well.
    const names = [...new Set([base, host.host])];
    const proof = { by: 'dane' as const, records: usable, serverName: base, names };
    return { ok: true, tls: { mode: 'required', proof, hostTrusted, tlsa: records } };
  }
  if (site?.floor === 'dane')
    return failure('dane-absent', `${host.host} has TLSA records, none of them usable`);
  // RFC 7672 §2.2: records that nobody can use still say that there is TLS. More than that only the other policies ask.
  const proven = site?.sts === true || site?.floor === 'verified';
  if (site?.sts === true && site.unlisted.includes(host.host))
    return failure('sts-mx-mismatch', `the MTA-STS policy of the domain does not name ${host.host}`);
  return {
    ok: true,
    tls: { mode: 'required', proof: proven ? { by: 'pkix' } : null, hostTrusted, tlsa: records },
  };
}

/** null: DANE does not apply to this host (RFC 7672 §2.1, §2.2). */
async function findTlsa(
  facts: HostFacts,
  resolver: Resolver,
): Promise<Tlsa | { readonly failed: string } | null> {
  const { host, canonicalName } = facts;
  const bases = await signedNames(facts, resolver);
  if ('failed' in bases) return bases;
  // RFC 7672 §2.2.2: where the aliases end first, then the host itself.
  const ordered =
    canonicalName === null ? bases.names : bases.names.toSorted((name) => (name === host.host ? 1 : -1));
  for (const base of ordered) {
    const answer = await resolver.tlsa(`_${host.port}._tcp.${base}`);
    // RFC 7672 §2.1.2: bogus and unanswered cannot be told from an attack; the host must not be used.
    if (answer.kind === 'failed') return { failed: failedText(answer) };
    if (answer.kind === 'found' && answer.authenticated) return { base, records: answer.records };
  }
  return null;
}

/** The names below which TLSA records may be looked for: those that are signed themselves. */
async function signedNames(
  { host, addressesSigned, canonicalName }: HostFacts,
  resolver: Resolver,
): Promise<{ readonly names: readonly string[] } | { readonly failed: string }> {
  if (addressesSigned) return { names: canonicalName === null ? [host.host] : [canonicalName, host.host] };
  if (canonicalName === null) return { names: [] };
  // RFC 7672 §2.2.2: aliases that leave the signed part of the DNS; the first of them may be signed all the same.
  const alias = await resolver.cname(host.host);
  if (alias.kind === 'failed') return { failed: failedText(alias) };
  return { names: alias.kind === 'found' && alias.authenticated ? [host.host] : [] };
}

function failedText({ cause, server }: Extract<DnsAnswer<never>, { kind: 'failed' }>): string {
  return `${cause} (${server})`;
}
