import { isIPv6 } from 'node:net';
import { addressKey, reverseName } from '../net/dns/index.ts';
import type { DnsAnswer, Resolver } from '../net/dns/index.ts';

/** One thing that receivers, or the system, ask of a sending address. */
export type SourceFinding = {
  readonly id: 'local-address' | 'forward-name' | 'reverse-name';
  /** `unknown`: the DNS did not answer. */
  readonly result: 'ok' | 'wrong' | 'unknown';
  /** What was found. */
  readonly evidence: string;
};

export type SourceCheckTools = {
  readonly resolver: Pick<Resolver, 'a' | 'aaaa' | 'ptr'>;
  /** Whether a socket can be bound to the address. */
  readonly isLocal: (ip: string) => Promise<boolean>;
};

/**
 * Whether an address can be sent from, and whether the name it greets with and its reverse name point at each other: many
 * providers refuse mail from an address where they do not (RFC 8601 calls it iprev; Gmail and Yahoo demand it).
 */
export async function checkSource(
  source: { readonly ip: string; readonly hostname: string },
  { resolver, isLocal }: SourceCheckTools,
): Promise<readonly SourceFinding[]> {
  const { ip, hostname } = source;
  const [local, forward, reverse] = await Promise.all([
    isLocal(ip),
    isIPv6(ip) ? resolver.aaaa(hostname) : resolver.a(hostname),
    resolver.ptr(reverseName(ip)),
  ]);
  const pointsHere = (address: string): boolean => addressKey(address) === addressKey(ip);
  const isOwnName = (name: string): boolean =>
    name.replace(/\.$/, '').toLowerCase() === hostname.toLowerCase();
  return [
    { id: 'local-address', result: local ? 'ok' : 'wrong', evidence: ip },
    { id: 'forward-name', ...judged(forward, pointsHere, `${hostname} → `) },
    { id: 'reverse-name', ...judged(reverse, isOwnName, `${ip} → `) },
  ];
}

// A name with more addresses than this is no mail server's.
const mostShown = 5;

function judged(
  answer: DnsAnswer<string>,
  isRight: (record: string) => boolean,
  prefix: string,
): Pick<SourceFinding, 'result' | 'evidence'> {
  if (answer.kind === 'failed')
    return { result: 'unknown', evidence: `${prefix}${answer.cause} (${answer.server})` };
  if (answer.kind !== 'found') return { result: 'wrong', evidence: `${prefix}${answer.kind}` };
  const evidence = `${prefix}${answer.records.slice(0, mostShown).join(', ')}`;
  return { result: answer.records.some(isRight) ? 'ok' : 'wrong', evidence };
}
