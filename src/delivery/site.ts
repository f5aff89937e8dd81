import { createHash } from 'node:crypto';

/** One host of a site, with the port to dial. `address` is set when the route names one itself. */
export type SiteHost = {
  readonly host: string;
  readonly port: number;
  readonly preference: number;
};

/** Domains that share their MX hosts are one site: they share connections, limits and holds. */
export type Site = {
  /** Stable name: the sorted hosts, shortened to a digest when long. */
  readonly name: string;
  /** By preference, lowest first. */
  readonly hosts: readonly SiteHost[];
};

const longestName = 120; // a site name stands in tables and log lines

export function makeSite(hosts: readonly SiteHost[]): Site {
  const ordered = hosts.toSorted((a, b) => a.preference - b.preference);
  const names = hosts.map((host) => `${host.host}:${host.port}`).toSorted();
  const full = names.join(',');
  const digest = createHash('sha256').update(full).digest('hex').slice(0, 12);
  const name = full.length <= longestName ? full : `${names[0] ?? ''}+${names.length - 1}#${digest}`;
  return { name, hosts: ordered };
}
