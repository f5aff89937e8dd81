import { isIP } from 'node:net';
import type { DnsAnswer, MxRecord, Resolver } from './contract.ts';
import { canonicalName } from './question.ts';

export type MailHost = { readonly host: string; readonly preference: number };

type Failed = Extract<DnsAnswer<never>, { kind: 'failed' }>;

/** Where a domain takes its mail (RFC 5321 §5.1). */
export type MailHosts =
  | {
      readonly kind: 'hosts';
      /** Most preferred first; empty when MX records exist, but none names a possible host. */
      readonly hosts: readonly MailHost[];
      /** true: no MX record, the domain itself has an address. */
      readonly implicit: boolean;
      readonly ttlSeconds: number;
      /** The MX records, or their absence, are signed (DNSSEC): the names of the hosts are the domain's own word. */
      readonly authenticated: boolean;
    }
  /** RFC 7505: the domain says that it takes no mail. */
  | { readonly kind: 'null-mx'; readonly ttlSeconds: number }
  | { readonly kind: 'nxdomain' }
  /** The name exists and has neither MX nor address. */
  | { readonly kind: 'nodata' }
  | Failed;

/** The addresses of one mail host, IPv4 first. */
export type HostAddresses =
  | {
      readonly kind: 'found';
      readonly addresses: readonly string[];
      readonly ttlSeconds: number;
      /** All of them are signed, and every CNAME on the way. */
      readonly authenticated: boolean;
      /** The end of the CNAMEs, when the host is an alias. */
      readonly canonicalName?: string;
    }
  | { readonly kind: 'nodata' }
  | { readonly kind: 'nxdomain' }
  | Failed;

// The largest providers publish five to ten; a longer list is there to keep senders busy.
const mostHosts = 32;
const mostAddressesPerFamily = 16;

// An address is never signed.
const literalFacts = { implicit: true, ttlSeconds: 86_400, authenticated: false };

/** Finds the mail hosts of a domain (A-labels) or address literal; hosts of equal preference are shuffled. */
export async function mailHosts(
  resolver: Resolver,
  domain: string,
  random: () => number,
): Promise<MailHosts> {
  const literal = addressLiteral(domain);
  if (literal !== null) {
    // RFC 5321 §2.3.5, §4.1.3: an address literal names the host itself.
    return { kind: 'hosts', hosts: [{ host: literal, preference: 0 }], ...literalFacts };
  }
  const answer = await resolver.mx(domain);
  if (answer.kind === 'nodata') return implicitHost(resolver, domain, answer.authenticated);
  if (answer.kind === 'nxdomain') return { kind: 'nxdomain' };
  if (answer.kind === 'failed') return answer;
  const { records, ttlSeconds, authenticated } = answer;
  // RFC 7505 §3: a null MX is the only one; a root name among others is just a host that cannot be.
  if (records.length === 1 && records[0]?.exchange === '.') return { kind: 'null-mx', ttlSeconds };
  return { kind: 'hosts', hosts: arrange(records, random), implicit: false, ttlSeconds, authenticated };
}

/** The addresses of a host; `family` 4 or 6 asks for those alone (the source address is of that family). */
export async function hostAddresses(
  resolver: Resolver,
  host: string,
  family: 4 | 6 | null = null,
): Promise<HostAddresses> {
  const own = isIP(host);
  if (own !== 0) {
    if (family !== null && family !== own) return { kind: 'nodata' };
    return { kind: 'found', addresses: [host], ttlSeconds: 86_400, authenticated: false };
  }
  const [a, aaaa] = await Promise.all([
    family === 6 ? null : resolver.a(host),
    family === 4 ? null : resolver.aaaa(host),
  ]);
  const answers = [a, aaaa].filter((answer) => answer !== null);
  const found = answers.filter((answer) => answer.kind === 'found');
  if (found.length > 0) {
    const addresses = found.flatMap(({ records }) => records.slice(0, mostAddressesPerFamily));
    const [alias] = found.flatMap((each) => each.canonicalName ?? []);
    return {
      kind: 'found',
      addresses,
      ttlSeconds: Math.min(...found.map(({ ttlSeconds }) => ttlSeconds)),
      authenticated: found.every(({ authenticated }) => authenticated),
      ...(alias === undefined ? {} : { canonicalName: alias }),
    };
  }
  const failed = answers.find((answer) => answer.kind === 'failed');
  if (failed !== undefined) return failed;
  return { kind: answers.some((answer) => answer.kind === 'nxdomain') ? 'nxdomain' : 'nodata' };
}

/** RFC 5321 §5.1: without MX records the domain itself is the host, with preference 0. */
async function implicitHost(resolver: Resolver, domain: string, authenticated: boolean): Promise<MailHosts> {
  const found = await hostAddresses(resolver, domain);
  if (found.kind !== 'found') return found;
  const hosts = [{ host: domain, preference: 0 }];
  return { kind: 'hosts', hosts, implicit: true, ttlSeconds: found.ttlSeconds, authenticated };
}

/** Possible hosts, once each, lowest preference first, equals in random order (RFC 5321 §5.1). */
function arrange(records: readonly MxRecord[], random: () => number): readonly MailHost[] {
  const best = new Map<string, number>();
  for (const { exchange, preference } of records) {
    const host = hostName(exchange);
    if (host !== null) best.set(host, Math.min(preference, best.get(host) ?? preference));
  }
  return [...best]
    .map(([host, preference]) => ({ host, preference, lot: random() }))
    .toSorted((one, other) => one.preference - other.preference || one.lot - other.lot)
    .slice(0, mostHosts)
    .map(({ host, preference }) => ({ host, preference }));
}

/** null for what can never be reached under that name: odd bytes, an address, localhost (RFC 6761 §6.3). */
function hostName(exchange: string): string | null {
  const name = canonicalName(exchange);
  if (name === null || name === 'localhost' || name.endsWith('.localhost')) return null;
  // RFC 5321 §5.1 wants a domain name; `10 192.0.2.1` is a common mistake. No top-level domain is a number.
  return /(?:^|\.)\d+$/.test(name) ? null : name;
}

function addressLiteral(domain: string): string | null {
  const match = /^\[(?:IPv6:)?([^\]]+)\]$/i.exec(domain);
  return match?.[1] !== undefined && isIP(match[1]) !== 0 ? match[1] : null;
}
