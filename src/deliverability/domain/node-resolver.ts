import type { DnsAnswer, Resolver } from '../../net/dns/index.ts';
import { reverseName } from '../../net/dns/index.ts';
import { isIP } from 'node:net';

/** What mailauth asks names with: the shape of `dns.promises.resolve`. */
export type NodeResolver = (name: string, type: string) => Promise<readonly unknown[]>;

const codeOf = {
  timeout: 'ETIMEOUT',
  servfail: 'ESERVFAIL',
  refused: 'EREFUSED',
  malformed: 'EBADRESP',
  unreachable: 'ECONNREFUSED',
} as const;

/** Our resolver in that shape: answers as arrays, "no" and failures as errors with Node's codes. */
export function nodeResolver(resolver: Resolver): NodeResolver {
  return async (name, type) => {
    if (!isAskable(name)) throw fault('EBADNAME', name);
    switch (type) {
      case 'TXT':
        // Our resolver joins the strings of a record (RFC 7208 §3.3).
        return valuesOf(await resolver.txt(name), name).map((text) => [text]);
      case 'MX':
        return valuesOf(await resolver.mx(name), name).map(({ preference, exchange }) => ({
          priority: preference,
          exchange,
        }));
      case 'A':
        return valuesOf(await resolver.a(name), name);
      case 'AAAA':
        return valuesOf(await resolver.aaaa(name), name);
      case 'PTR':
        return valuesOf(await resolver.ptr(isIP(name) === 0 ? name : reverseName(name)), name);
      case 'CNAME':
        return valuesOf(await resolver.cname(name), name);
      default:
        throw fault('ENOTIMP', name);
    }
  };
}

/** RFC 1035 §2.3.4: labels of 1–63 octets, 253 in all. */
function isAskable(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => label.length > 0 && label.length <= 63);
}

function valuesOf<T>(answer: DnsAnswer<T>, name: string): readonly T[] {
  if (answer.kind === 'found') return answer.records;
  if (answer.kind === 'failed') throw fault(codeOf[answer.cause], name);
  throw fault(answer.kind === 'nxdomain' ? 'ENOTFOUND' : 'ENODATA', name);
}

function fault(code: string, name: string): Error {
  return Object.assign(new Error(`${code} ${name}`), { code });
}
