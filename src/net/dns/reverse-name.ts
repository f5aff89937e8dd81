import { isIPv6 } from 'node:net';

/** The name whose PTR records name an address: RFC 1035 §3.5 for IPv4, RFC 3596 §2.5 for IPv6. */
export function reverseName(ip: string): string {
  if (!isIPv6(ip)) return `${ip.split('.').toReversed().join('.')}.in-addr.arpa`;
  const digits = expanded(ip).replaceAll(':', '');
  return `${Array.from(digits).toReversed().join('.')}.ip6.arpa`;
}

/** Eight groups of four digits. */
function expanded(ip: string): string {
  const [head = '', tail] = withoutDots(ip.split('%')[0] ?? '').split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].map((group) => group.padStart(4, '0').toLowerCase()).join(':');
}

/** `::ffff:192.0.2.1` → `::ffff:c000:201`. */
function withoutDots(ip: string): string {
  const match = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ip);
  if (match === null) return ip;
  const [, head = '', ...octets] = match;
  const [a = 0, b = 0, c = 0, d = 0] = octets.map(Number);
  return `${head}${(256 * a + b).toString(16)}:${(256 * c + d).toString(16)}`;
}

/** One spelling for every address, so that two can be compared. */
export function addressKey(ip: string): string {
  return isIPv6(ip) ? expanded(ip) : ip;
}
