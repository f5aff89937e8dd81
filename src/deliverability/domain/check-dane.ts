import type { Finding } from '../../findings/index.ts';
import { isUsableTlsa, tlsaText } from '../../protocol/dane/index.ts';
import { mxNames } from './check-mx.ts';
import type { DomainTools } from './domain-tools.ts';
import { unprovenHosts } from './host-proof.ts';
import { tellingOf } from './telling.ts';

// More hosts than this are there to keep us busy.
const mostHosts = 16;

/** TLSA records of the hosts that take the mail (RFC 7672): there, signed, and of a kind that senders can use. */
export async function checkDane(domain: string, tools: DomainTools): Promise<readonly Finding[]> {
  const { tell, found } = tellingOf(domain, tools);
  const hosts = (await mxNames(domain, tools)).slice(0, mostHosts);
  if (hosts.length === 0) return found;
  const [mx, ...answers] = await Promise.all([
    tools.resolver.mx(domain),
    ...hosts.map(async (host) => ({ host, tlsa: await tools.resolver.tlsa(`_25._tcp.${host}`) })),
  ]);
  const published = answers.flatMap(({ host, tlsa }) =>
    tlsa.kind === 'found' ? [{ host, records: tlsa.records, signed: tlsa.authenticated }] : [],
  );
  const lines = published.flatMap(({ host, records }) => records.map((each) => `${host}: ${tlsaText(each)}`));
  const evidence = lines.slice(0, mostHosts).join('\n');
  const broken = answers.flatMap(({ host, tlsa }) =>
    // RFC 7672 §2.1: a host whose records cannot be looked up is not mailed to; SERVFAIL is what a broken signature gives.
    tlsa.kind === 'failed' && tlsa.cause === 'servfail'
      ? [`_25._tcp.${host}: ${tlsa.cause} (${tlsa.server})`]
      : [],
  );
  if (broken.length > 0) tell('domain.dane-servfail', broken.join('\n'));
  else if (published.length === 0)
    tell('domain.dane-missing', hosts.map((host) => `_25._tcp.${host} TLSA`).join('\n'));
  else if (published.some(({ records }) => !records.some(isUsableTlsa)))
    tell('domain.dane-unusable', evidence);
  else if (!tools.trustsDnssec) tell('domain.dane-unproven', evidence);
  else if (published.some(({ signed }) => !signed) || (mx.kind !== 'failed' && !mx.authenticated))
    tell('domain.dane-unsigned', evidence);
  else {
    const proofs = published.map(({ host, records }) => ({
      host,
      // RFC 7672 §3.2.3: a certificate of a trust anchor may be for the host or for the domain.
      proof: { by: 'dane', records, serverName: host, names: [host, domain] } as const,
    }));
    const unproven = await unprovenHosts(proofs, tools);
    const rest = hosts.filter((host) => !published.some((each) => each.host === host));
    if (unproven.length > 0) tell('domain.dane-mismatch', [...unproven, evidence].join('\n'));
    else if (rest.length > 0) tell('domain.dane-partly', rest.join(', '));
    else tell('domain.dane-ok', evidence);
  }
  return found;
}
