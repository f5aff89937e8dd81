import { isIPv6 } from 'node:net';
import { readSigningKey } from '../config/index.ts';
import type { SendingDomain } from '../config/index.ts';
import { publicKeyRecord } from '../protocol/dkim/index.ts';
import type { WantedRecord } from './domain.ts';

/** What the records are made from. */
export type RecordFacts = {
  /** Host that takes bounces, and sends where no source has an address of its own. */
  readonly hostname: string;
  /** IP addresses that send. */
  readonly sources: readonly string[];
};

/** Everything to publish for a domain, in the order of importance. Reads the key files. */
export function recordsOf(domain: SendingDomain, facts: RecordFacts): readonly WantedRecord[] {
  const { name, returnPath, dkim } = domain;
  return [
    ...dkim.map(({ selector, key, algorithm }): WantedRecord => ({
      purpose: 'dkim',
      type: 'TXT',
      name: `${selector}._domainkey.${name}`,
      value: publicKeyRecord({ key: readSigningKey(key), algorithm }),
    })),
    // RFC 7208 §2.4: receivers look at the domain of MAIL FROM, which is the return path's.
    { purpose: 'spf', type: 'TXT', name: returnPath, value: `v=spf1 ${mechanisms(facts).join(' ')} -all` },
    { purpose: 'return-path', type: 'MX', name: returnPath, value: `10 ${facts.hostname}` },
    // RFC 7489 §6.3: `none` first; reports come to a role address that is read here. The return path's domain is below the same
    // organizational domain, so no consent record is needed (§7.1).
    {
      purpose: 'dmarc',
      type: 'TXT',
      name: `_dmarc.${name}`,
      value: `v=DMARC1; p=none; rua=mailto:dmarc@${returnPath}`,
    },
  ];
}

/** RFC 7208 §5: what lets our addresses pass. */
export function mechanisms({ hostname, sources }: RecordFacts): readonly string[] {
  if (sources.length === 0) return [`a:${hostname}`];
  return sources.map((ip) => (isIPv6(ip) ? `ip6:${ip}` : `ip4:${ip}`));
}
