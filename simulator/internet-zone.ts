import type { ZoneRecord } from './dns/index.ts';
import type { Provider } from './provider/schema.ts';

/** The DNS records that lead to the providers. Everything else does not exist. */
export function recordsFor(providers: readonly Provider[]): readonly ZoneRecord[] {
  return providers.flatMap((provider) => [
    ...provider.domains.flatMap((domain) => domainRecords(provider, domain)),
    ...provider.hosts.map((host): ZoneRecord => ({ name: host.name, type: 'A', address: host.address })),
  ]);
}

function domainRecords(provider: Provider, domain: string): readonly ZoneRecord[] {
  const nameServer: ZoneRecord = { name: domain, type: 'NS', target: 'ns.simulator.test' };
  switch (provider.resolves) {
    case 'null-mx':
      // RFC 7505 §3: preference 0 and the root as host, as the only record.
      return [nameServer, { name: domain, type: 'MX', preference: 0, exchange: '.' }];
    case 'address':
      return [
        nameServer,
        ...provider.hosts
          .filter((host) => host.name !== domain)
          .map((host): ZoneRecord => ({ name: domain, type: 'A', address: host.address })),
      ];
    case 'mx':
      return [
        nameServer,
        ...provider.hosts.map((host): ZoneRecord => ({
          name: domain,
          type: 'MX',
          preference: host.preference,
          exchange: host.name,
        })),
      ];
  }
}
