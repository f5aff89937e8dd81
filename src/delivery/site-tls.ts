import { createHash } from 'node:crypto';
import type { DomainTls, TlsFloor } from '../tls/index.ts';
import { stsNamesHost } from '../tls/index.ts';
import type { SiteHost } from './site.ts';

/** What the mail of a site demands of TLS beyond `delivery.tls`; domains that demand different things are different sites. */
export type SiteTls = {
  /** By configuration; null: nothing of its own. */
  readonly floor: TlsFloor | null;
  /** TLSA records count, wherever the look-ups are signed. */
  readonly dane: boolean;
  /** The names of the hosts are the domain's own word: signed MX records, or a configured route (RFC 7672 §2.2.1). */
  readonly hostsSigned: boolean;
  /** An MTA-STS policy is to be enforced. */
  readonly sts: boolean;
  /** Hosts that this policy does not name. */
  readonly unlisted: readonly string[];
};

/** null: nothing beyond `delivery.tls`, as for most domains. */
export function siteTls(
  tls: DomainTls | null,
  { hosts, hostsSigned }: { readonly hosts: readonly SiteHost[]; readonly hostsSigned: boolean },
): SiteTls | null {
  if (tls === null) return null;
  const policy = tls.sts?.policy ?? null;
  const sts = policy?.mode === 'enforce';
  const dane = tls.dane && hostsSigned;
  if (tls.floor === null && !sts && !dane) return null;
  const unlisted = sts ? hosts.filter(({ host }) => !stsNamesHost(policy, host)).map(({ host }) => host) : [];
  return { floor: tls.floor, dane, hostsSigned, sts, unlisted };
}

// A site name stands in tables and log lines.
const longestWords = 60;

/** What of it belongs into the name of the site: what differs there must not share sessions. */
export function siteTlsName({ floor, dane, sts, unlisted }: SiteTls): string {
  const hosts = unlisted.join(',');
  const digest = createHash('sha256').update(hosts).digest('hex').slice(0, 12);
  const words = [
    floor ?? '',
    dane ? 'dane' : '',
    sts ? 'sts' : '',
    hosts === '' ? '' : `not:${hosts.length <= longestWords ? hosts : digest}`,
  ];
  return `;tls=${words.filter((word) => word !== '').join('+')}`;
}
