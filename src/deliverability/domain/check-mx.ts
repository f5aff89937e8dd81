import { isIP } from 'node:net';
import type { Finding } from '../../findings/index.ts';
import { hostAddresses } from '../../net/dns/index.ts';
import type { MxRecord } from '../../net/dns/index.ts';
import { isReservedAddress } from '../reserved-address.ts';
import type { DomainTools } from './domain-tools.ts';
import { silenceText, tellingOf } from './telling.ts';
import type { Telling } from './telling.ts';

/** Where a domain takes its mail, and what stands in its way (RFC 5321 §5.1). */
export async function checkMx(domain: string, tools: DomainTools): Promise<readonly Finding[]> {
  const { resolver } = tools;
  const telling = tellingOf(domain, tools);
  const { tell, found } = telling;
  const answer = await resolver.mx(domain);
  if (answer.kind === 'failed') tell('domain.dns-silent', silenceText(`${domain} MX`, answer));
  if (answer.kind === 'nxdomain') tell('domain.missing', `${domain}: NXDOMAIN`);
  if (answer.kind === 'nodata') await implicitHost(domain, telling, tools);
  if (answer.kind === 'found') await explicitHosts(answer.records, telling, tools);
  return found;
}

/** Host names of a domain's MX records, most preferred first; the domain itself where it has none. */
export async function mxNames(
  domain: string,
  tools: Pick<DomainTools, 'resolver'>,
): Promise<readonly string[]> {
  const answer = await tools.resolver.mx(domain);
  if (answer.kind === 'nodata')
    return (await hostAddresses(tools.resolver, domain)).kind === 'found' ? [domain] : [];
  if (answer.kind !== 'found') return [];
  return ordered(answer.records)
    .map(({ exchange }) => bare(exchange))
    .filter((host) => host !== '' && isIP(host) === 0);
}

/** RFC 5321 §5.1: without MX records the domain's own address counts. */
async function implicitHost(domain: string, { tell }: Telling, tools: DomainTools): Promise<void> {
  const found = await hostAddresses(tools.resolver, domain);
  if (found.kind === 'failed') tell('domain.dns-silent', silenceText(domain, found));
  else if (found.kind !== 'found') tell('domain.mx-missing', `${domain}: MX, A, AAAA`);
  else tell('domain.mx-implicit', `${domain} → ${found.addresses.join(', ')}`);
}

// RFC 5321 §5.1 puts no limit; a longer list than this is there to keep us busy.
const mostHosts = 16;

async function explicitHosts(
  records: readonly MxRecord[],
  telling: Telling,
  tools: DomainTools,
): Promise<void> {
  const [first] = records;
  // RFC 7505 §3: one record, the root.
  if (records.length === 1 && first !== undefined && bare(first.exchange) === '')
    return telling.tell('domain.mx-null', `MX ${first.preference} .`);
  const hosts = ordered(records).slice(0, mostHosts);
  const looks = await Promise.all(hosts.map(({ exchange }) => lookAt(bare(exchange), tools)));
  const usable = looks.filter(({ fault }) => fault === null || fault.id === 'domain.mx-alias');
  // One host that works takes the mail; the others then cost time, not mail.
  const severity = usable.length > 0 ? ({ severity: 'warning' } as const) : {};
  for (const { fault } of looks) if (fault !== null) telling.tell(fault.id, fault.evidence, severity);
  if (usable.length > 0) await tryPorts(usable, telling, tools);
}

type HostLook = {
  readonly host: string;
  readonly addresses: readonly string[];
  readonly fault: { readonly id: string; readonly evidence: string } | null;
};

async function lookAt(host: string, { resolver }: DomainTools): Promise<HostLook> {
  const seen = (id: string | null, evidence: string, addresses: readonly string[] = []): HostLook => ({
    host,
    addresses,
    fault: id === null ? null : { id, evidence },
  });
  if (isIP(host) !== 0 || /(?:^|\.)\d+$/.test(host)) return seen('domain.mx-is-address', `MX ${host}`);
  if (host === '') return seen('domain.mx-no-address', 'MX .');
  const [found, alias] = await Promise.all([hostAddresses(resolver, host), resolver.cname(host)]);
  if (found.kind === 'failed') return seen('domain.dns-silent', silenceText(host, found));
  if (found.kind !== 'found') return seen('domain.mx-no-address', `${host}: ${found.kind.toUpperCase()}`);
  const reachable = found.addresses.filter((address) => !isReservedAddress(address));
  const evidence = `${host} → ${found.addresses.join(', ')}`;
  if (reachable.length === 0) return seen('domain.mx-private', evidence);
  // RFC 5321 §5.1, RFC 2181 §10.3: the name in an MX record must not be an alias.
  if (alias.kind === 'found')
    return seen('domain.mx-alias', `${host} CNAME ${alias.records.join(', ')}`, reachable);
  return seen(null, evidence, reachable);
}

async function tryPorts(hosts: readonly HostLook[], { tell }: Telling, tools: DomainTools): Promise<void> {
  const sights = await Promise.all(
    hosts.map(async ({ host, addresses }) => {
      const [address = ''] = addresses;
      const { open, text } = await tools.reach({ host, address }, null);
      return { open, line: `${host} [${address}]: ${text}` };
    }),
  );
  const lines = sights.map(({ line }) => line).join('\n');
  if (!sights.some(({ open }) => open)) return tell('domain.mx-unreachable', lines);
  const isWhole = hosts.every(({ fault }) => fault === null);
  if (isWhole) tell('domain.mx-ok', lines);
}

function ordered(records: readonly MxRecord[]): readonly MxRecord[] {
  return records.toSorted((one, other) => one.preference - other.preference);
}

function bare(exchange: string): string {
  return exchange.replace(/\.$/, '').toLowerCase();
}
