import { createHash } from 'node:crypto';
import { siteTlsName } from './site-tls.ts';
import type { SiteTls } from './site-tls.ts';

/** One host of a site, with the port to dial. `address` is set when the route names one itself. */
export type SiteHost = {
  readonly host: string;
  readonly port: number;
  readonly preference: number;
};

/** Domains that share their MX hosts and the order of these are one site: they share connections, limits and holds. */
export type Site = {
  /** Stable name: the hosts in the order of their preference, `,` between equals, shortened to a digest when long. */
  readonly name: string;
  /** By preference, lowest first. */
  readonly hosts: readonly SiteHost[];
  /** A route of the configuration leads here, so its recipients' domains do not tell who runs it. */
  readonly configured?: true;
  /** What its mail demands of TLS; left out: nothing beyond `delivery.tls`. */
  readonly tls?: SiteTls;
};

const longestName = 120; // a site name stands in tables and log lines

export function makeSite(hosts: readonly SiteHost[], tls: SiteTls | null = null): Site {
  const ordered = hosts.toSorted((a, b) => a.preference - b.preference);
  const ranks = [...new Set(ordered.map(({ preference }) => preference))];
  // The order belongs to the name: RFC 5321 §5.1 has each domain's own preferences obeyed, also with the same hosts.
  const full = ranks.map((rank) => namesOf(ordered.filter((host) => host.preference === rank))).join('>');
  const digest = createHash('sha256').update(full).digest('hex').slice(0, 12);
  const first = namesOf(ordered.slice(0, 1));
  const plain = full.length <= longestName ? full : `${first}+${hosts.length - 1}#${digest}`;
  if (tls === null) return { name: plain, hosts: ordered };
  return { name: `${plain}${siteTlsName(tls)}`, hosts: ordered, tls };
}

function namesOf(hosts: readonly SiteHost[]): string {
  return hosts
    .map(({ host, port }) => `${host}:${port}`)
    .toSorted()
    .join(',');
}
