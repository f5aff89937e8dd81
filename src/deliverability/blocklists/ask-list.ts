import type { Bilingual } from '../../base/index.ts';
import type { DnsAnswer, Resolver } from '../../net/dns/index.ts';
import type { Blocklist } from './blocklist.ts';

/** What one list says of one name. `answer`: what the DNS gave, as evidence. */
export type ListAnswer =
  | {
      readonly kind: 'listed';
      readonly answer: string;
      readonly meanings: readonly Bilingual[];
      readonly reason: string | null;
    }
  | { readonly kind: 'not-listed' }
  /** It does not answer us: no word about the name. */
  | { readonly kind: 'refused'; readonly answer: string }
  /** Its own test entries are wrong (RFC 5782 §5), or it answers what no list may. */
  | { readonly kind: 'unbelievable'; readonly answer: string }
  /** A code that it does not document: never taken for "listed". */
  | { readonly kind: 'unknown-code'; readonly answer: string }
  | { readonly kind: 'silent'; readonly answer: string };

type Asker = Pick<Resolver, 'a' | 'txt'>;

// RFC 5782 §5: what every list of addresses must have, and must not have.
const mustBeListed = '2.0.0.127';
const mustNotBeListed = '1.0.0.127';

/** Asks a list about a name that stands before its zone: a reversed address, or a domain. */
export async function askList(list: Blocklist, name: string, dns: Asker): Promise<ListAnswer> {
  const read = readAnswer(list, await dns.a(`${name}.${list.zone}`));
  if (read.kind !== 'listed') return read;
  const fault = list.testEntry ? await faultOf(list, dns) : null;
  if (fault !== null) return { kind: 'unbelievable', answer: fault };
  // RFC 5782 §2.1: a TXT record may say why.
  const words = await dns.txt(`${name}.${list.zone}`);
  return {
    ...read,
    reason: words.kind === 'found' ? (words.records[0]?.slice(0, longestReason) ?? null) : null,
  };
}

// What a list gives as its reason is one line with a link.
const longestReason = 300;

/** What of the list's own test entries is wrong; null: nothing. Asked only where it says "listed". */
async function faultOf(list: Blocklist, dns: Asker): Promise<string | null> {
  const [listed, free] = await Promise.all([
    dns.a(`${mustBeListed}.${list.zone}`),
    dns.a(`${mustNotBeListed}.${list.zone}`),
  ]);
  if (free.kind === 'found') return `127.0.0.1 → ${free.records.join(', ')}`;
  return listed.kind === 'nxdomain' || listed.kind === 'nodata' ? `127.0.0.2 → ${listed.kind}` : null;
}

function readAnswer(list: Blocklist, answer: DnsAnswer<string>): ListAnswer & { reason?: null } {
  if (answer.kind === 'failed') return { kind: 'silent', answer: `${answer.cause} (${answer.server})` };
  if (answer.kind !== 'found') return { kind: 'not-listed' };
  const shown = answer.records.join(', ');
  if (answer.records.some((record) => list.refused.includes(record) || record.startsWith('127.255.255.')))
    return { kind: 'refused', answer: shown };
  // A resolver that puts its own page in the place of "no such name", or a zone whose name was sold.
  if (answer.records.some((record) => !record.startsWith('127.')))
    return { kind: 'unbelievable', answer: shown };
  const meanings = answer.records.flatMap((record) => meaningsOf(list, record));
  if (meanings.length > 0) return { kind: 'listed', answer: shown, meanings, reason: null };
  const isHarmless = answer.records.every((record) => list.harmless.includes(record));
  return isHarmless ? { kind: 'not-listed' } : { kind: 'unknown-code', answer: shown };
}

function meaningsOf(list: Blocklist, record: string): readonly Bilingual[] {
  if (!list.mask) {
    const meaning = list.codes[record] ?? list.codes[record.replace(/\.\d+$/, '.*')];
    return meaning === undefined ? [] : [meaning];
  }
  const bits = Number(record.slice(record.lastIndexOf('.') + 1));
  return Object.entries(list.codes).flatMap(([bit, meaning]) =>
    (bits & Number(bit)) === 0 ? [] : [meaning],
  );
}
