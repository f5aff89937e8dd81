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

/**
 * Asks a list about a name that stands before its zone: a reversed address, or a domain. Its test entries are asked at the same
 * time, and its word counts only when they are in order: a list that died answers "not listed" to everything, or "listed".
 */
export async function askList(list: Blocklist, name: string, dns: Asker): Promise<ListAnswer> {
  const ask = (before: string): Promise<DnsAnswer<string>> => dns.a(`${before}.${list.asked}`);
  const { listed, free } = list.test;
  const [answer, mustHave, mustNotHave] = await Promise.all([
    ask(name),
    listed === null ? null : ask(listed),
    ask(free),
  ]);
  const read = readAnswer(list, answer);
  if (read.kind !== 'listed' && read.kind !== 'not-listed') return read;
  const fault =
    faultOf(list, `${free} → `, { must: false, answer: mustNotHave }) ??
    (mustHave === null ? null : faultOf(list, `${listed} → `, { must: true, answer: mustHave }));
  if (fault !== null) return fault;
  if (read.kind === 'not-listed') return read;
  // RFC 5782 §2.1: a TXT record may say why.
  const words = await dns.txt(`${name}.${list.asked}`);
  return {
    ...read,
    reason: words.kind === 'found' ? (words.records[0]?.slice(0, longestReason) ?? null) : null,
  };
}

// What a list gives as its reason is one line with a link.
const longestReason = 300;

type TestEntry = { readonly must: boolean; readonly answer: DnsAnswer<string> };

/** What a test entry tells against the list; null: it is as it must be. */
function faultOf(list: Blocklist, shown: string, { must, answer }: TestEntry): ListAnswer | null {
  if (answer.kind === 'failed')
    return { kind: 'silent', answer: `${shown}${answer.cause} (${answer.server})` };
  if (answer.kind !== 'found') return must ? { kind: 'unbelievable', answer: shown + answer.kind } : null;
  const records = answer.records.join(', ');
  if (isRefusal(list, answer.records)) return { kind: 'refused', answer: shown + records };
  return must && answer.records.every((record) => record.startsWith('127.'))
    ? null
    : { kind: 'unbelievable', answer: shown + records };
}

function isRefusal(list: Blocklist, records: readonly string[]): boolean {
  // The answers of Spamhaus, which others follow, that are errors and no listings.
  const isError = (record: string): boolean =>
    list.refused.includes(record) || record.startsWith('127.255.255.');
  // SURBL and URIBL: bit 1 is the refusal, whatever other bits stand beside it.
  const hasBit = (record: string): boolean => /^127\.0\.0\.\d*[13579]$/.test(record);
  const isBit = list.mask && list.refused.includes('127.0.0.1');
  return records.some((record) => isError(record) || (isBit && hasBit(record)));
}

type FirstReading = Exclude<ListAnswer, { kind: 'listed' }> | (ListAnswer & { kind: 'listed'; reason: null });

function readAnswer(list: Blocklist, answer: DnsAnswer<string>): FirstReading {
  if (answer.kind === 'failed') return { kind: 'silent', answer: `${answer.cause} (${answer.server})` };
  if (answer.kind !== 'found') return { kind: 'not-listed' };
  // Servers give them in another order each time, and the same answer must look the same.
  const shown = answer.records.toSorted().join(', ');
  if (isRefusal(list, answer.records)) return { kind: 'refused', answer: shown };
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
  // Bits count in 127.0.0.x alone: anything else is no word of the list.
  if (!record.startsWith('127.0.0.')) return [];
  const bits = Number(record.slice('127.0.0.'.length));
  return Object.entries(list.codes).flatMap(([bit, meaning]) =>
    (bits & Number(bit)) === 0 ? [] : [meaning],
  );
}
