import { isIP } from 'node:net';
import type { Clock } from '../base/index.ts';
import type { LocalCause } from '../events/index.ts';
import { mailHosts } from '../net/dns/index.ts';
import type { MailHosts, Resolver } from '../net/dns/index.ts';
import type { DomainTls, TlsPolicySource } from '../tls/index.ts';
import { makeSite } from './site.ts';
import type { Site } from './site.ts';
import { siteTls } from './site-tls.ts';

/** A configured way that skips the MX look-up: `*`, `example.jp` or `*.example.jp`. */
export type StaticRoute = { readonly domain: string; readonly host: string; readonly port: number };

/** Where mail for a domain goes, or why it cannot go now (`held`) or ever (`refused`). */
export type Route =
  /** `untilMs`: how long it is believed, in the clock's `monotonic` time. */
  | { readonly kind: 'site'; readonly site: Site; readonly untilMs: number }
  | { readonly kind: 'refused'; readonly cause: LocalCause; readonly text: string }
  | { readonly kind: 'held'; readonly cause: LocalCause; readonly text: string };

export type Router = (domain: string) => Promise<Route>;

export type RouterOptions = {
  readonly resolver: Resolver;
  readonly routes: readonly StaticRoute[];
  readonly port: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** What domains demand of TLS; left out: nothing beyond `delivery.tls`. */
  readonly tls?: TlsPolicySource;
};

/** Finds the site of a domain: the first matching configured route, else its MX hosts. Never rejects. */
export function createRouter(options: RouterOptions): Router {
  const { resolver, routes, port, clock, random } = options;
  return async (domain) => {
    const fixed = routes.find((route) => routeMatches(route.domain, domain));
    if (fixed !== undefined) {
      const site = routedSite(fixed, options.tls?.configured(domain) ?? null);
      return { kind: 'site', site: { ...site, configured: true }, untilMs: Number.POSITIVE_INFINITY };
    }
    // Both at once: a policy is asked for without knowing the hosts.
    const [hosts, tls] = await Promise.all([
      mailHosts(resolver, domain, random),
      options.tls?.policyFor(domain) ?? null,
    ]);
    return routeFrom(domain, hosts, { port, nowMs: clock.monotonic(), tls });
  };
}

/** A host that the operator names needs no DNS to vouch for its name (RFC 7672 §2.2.3). */
function routedSite({ host, port }: StaticRoute, tls: DomainTls | null): Site {
  const hosts = [{ host, port, preference: 0 }];
  const hostsSigned = isIP(host) === 0 && host !== 'localhost';
  return makeSite(hosts, siteTls(tls, { hosts, hostsSigned }));
}

function routeMatches(pattern: string, domain: string): boolean {
  if (pattern === '*' || pattern === domain) return true;
  return pattern.startsWith('*.') && domain.endsWith(pattern.slice(1));
}

type At = { readonly port: number; readonly nowMs: number; readonly tls: DomainTls | null };

function routeFrom(domain: string, hosts: MailHosts, at: At): Route {
  switch (hosts.kind) {
    case 'hosts': {
      if (hosts.hosts.length === 0) {
        const text = `the MX records of ${domain} name no host that can exist`;
        return { kind: 'held', cause: 'mx-unresolvable', text };
      }
      const all = hosts.hosts.map((mx) => ({ ...mx, port: at.port }));
      const tls = siteTls(at.tls, { hosts: all, hostsSigned: hosts.authenticated });
      // RFC 8461 §4.1: no host may be used. Held here, so that policy and MX records are looked up anew before the next try.
      if (tls?.sts === true && !tls.dane && tls.unlisted.length === all.length) {
        const text = `the MTA-STS policy of ${domain} names none of its MX hosts (${tls.unlisted.join(', ')})`;
        return { kind: 'held', cause: 'sts-mx-mismatch', text };
      }
      const site = makeSite(all, tls);
      return { kind: 'site', site, untilMs: at.nowMs + hosts.ttlSeconds * 1000 };
    }
    case 'null-mx':
      // RFC 7505 §4.1: a null MX is an immediate, permanent failure.
      return { kind: 'refused', cause: 'dns-null-mx', text: `${domain} publishes a null MX (RFC 7505)` };
    case 'nxdomain':
      return { kind: 'refused', cause: 'dns-nxdomain', text: `${domain} does not exist in the DNS` };
    case 'nodata':
      return { kind: 'refused', cause: 'dns-nodata', text: `${domain} has neither MX nor address records` };
    case 'failed': {
      // RFC 5321 §5.1: a failed look-up is temporary; the message waits.
      const cause = hosts.cause === 'timeout' ? 'dns-timeout' : 'dns-servfail';
      return {
        kind: 'held',
        cause,
        text: `DNS look-up of ${domain} failed: ${hosts.cause} (${hosts.server})`,
      };
    }
  }
}
