import { isIPv6 } from 'node:net';
import type { Finding } from '../../findings/index.ts';
import { addressKey, reverseName } from '../../net/dns/index.ts';
import { isReservedAddress } from '../reserved-address.ts';
import type { DomainTools, SendingSource } from './domain-tools.ts';
import { silenceText, tellingOf } from './telling.ts';
import type { Telling } from './telling.ts';

/** Whether a sending address has a name that leads back to it, and greets with it (RFC 8601 §3: iprev). */
export async function checkSource(source: SendingSource, tools: DomainTools): Promise<readonly Finding[]> {
  const { ip, hostname } = source;
  const telling = tellingOf(ip, tools);
  const { tell, found } = telling;
  if (isReservedAddress(ip)) {
    tell('domain.source-private', ip);
    return found;
  }
  const [names, greeting] = await Promise.all([
    tools.resolver.ptr(reverseName(ip)),
    hostname === null ? null : addressesOf(hostname, source, tools),
  ]);
  if (names.kind === 'failed') tell('domain.dns-silent', silenceText(`${ip} PTR`, names));
  else if (names.kind !== 'found')
    tell('domain.source-no-name', `${reverseName(ip)} PTR: ${names.kind.toUpperCase()}`);
  else await tellNames(names.records.map(bare), { source, greeting }, { telling, tools });
  if (found.length === 0) tell('domain.source-ok', hostname === null ? ip : `${ip} ↔ ${hostname}`);
  return found;
}

type Addresses =
  | { readonly kind: 'found'; readonly leadsBack: boolean; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string };

async function addressesOf(
  name: string,
  { ip }: SendingSource,
  { resolver }: DomainTools,
): Promise<Addresses> {
  const answer = await (isIPv6(ip) ? resolver.aaaa(name) : resolver.a(name));
  if (answer.kind === 'failed') return { kind: 'failed', text: silenceText(name, answer) };
  const addresses = answer.kind === 'found' ? answer.records : [];
  const leadsBack = addresses.some((address) => addressKey(address) === addressKey(ip));
  const shown = addresses.length > 0 ? addresses.slice(0, mostShown).join(', ') : answer.kind.toUpperCase();
  return { kind: 'found', leadsBack, text: `${name} → ${shown}` };
}

// A name with more addresses, or an address with more names, than this is no mail server's (RFC 7208 §4.6.4 takes ten).
const mostShown = 5;
const mostNames = 10;

async function tellNames(
  names: readonly string[],
  { source, greeting }: { readonly source: SendingSource; readonly greeting: Addresses | null },
  { telling, tools }: { readonly telling: Telling; readonly tools: DomainTools },
): Promise<void> {
  const { tell } = telling;
  const looked = await Promise.all(
    names.slice(0, mostNames).map(async (name) => ({ name, seen: await addressesOf(name, source, tools) })),
  );
  const evidence = `${source.ip} → ${names.slice(0, mostShown).join(', ')}`;
  const confirmed = looked.filter(({ seen }) => seen.kind === 'found' && seen.leadsBack);
  if (confirmed.length === 0) {
    const silent = looked.find(({ seen }) => seen.kind === 'failed');
    if (silent !== undefined) return tell('domain.dns-silent', silent.seen.text);
    const lines = [evidence, ...looked.map(({ seen }) => seen.text)];
    return tell('domain.source-name-elsewhere', lines.slice(0, mostShown + 1).join('\n'));
  }
  const hostname = source.hostname ?? '';
  const values = { hostname, name: confirmed[0]?.name ?? '' };
  if (greeting?.kind === 'failed') tell('domain.dns-silent', greeting.text);
  else if (greeting?.leadsBack === false) tell('domain.source-greeting', greeting.text, { values });
  else if (greeting !== null && !confirmed.some(({ name }) => name === hostname.toLowerCase()))
    tell('domain.source-greeting-differs', evidence, { values });
  const generic = confirmed.find(({ name }) => isGeneric(name, source.ip));
  if (generic !== undefined) tell('domain.source-generic-name', `${source.ip} → ${generic.name}`);
}

/** Names that access providers give to all their addresses hold the address, or say what line it is. */
export function isGeneric(name: string, ip: string): boolean {
  if (
    /(?:^|[.-])(?:dynamic|dyn|dhcp|dialup|ppp|pppoe|adsl|dsl|ftth|cable|pool|flets)\d*(?:[.-]|$)/.test(name)
  )
    return true;
  if (isIPv6(ip)) return false;
  const octets = ip.split('.');
  const orders = [octets, octets.toReversed()];
  const padded = orders.map((order) => order.map((octet) => octet.padStart(3, '0')));
  return [...orders, ...padded].some((order) =>
    ['-', '.', '', 'x', '_'].some((mark) =>
      mark !== ''
        ? name.includes(order.join(mark))
        : name.includes(order.join('')) && order.join('').length >= 9,
    ),
  );
}

function bare(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}
