import { isIPv4, isIPv6 } from 'node:net';
import type { Answer, SoaAnswer } from 'dns-packet';
import type { TlsaRecord } from '../../protocol/dane/index.ts';
import type { DnsAnswer, MxRecord, SrvRecord } from './contract.ts';
import type { DnsMessage } from './message.ts';
import type { Question } from './question.ts';

/** What one response says; `alias`: a chain of CNAMEs that ends outside of it and has to be asked on. */
export type Reading<T> =
  | Exclude<DnsAnswer<T>, { kind: 'failed' }>
  | {
      readonly kind: 'alias';
      readonly target: string;
      readonly ttlSeconds: number;
      readonly authenticated: boolean;
    }
  | { readonly kind: 'failed'; readonly cause: 'servfail' | 'refused' | 'malformed' };

/** Takes the values of one type out of its records; undefined for a record that is not of this type or broken. */
export type RecordReader<T> = (record: Answer) => T | undefined;

// Resolvers follow 8 to 17 links; more is a mistake or an attack.
const mostAliases = 16;
// RFC 2181 §8 lets a year pass; a day bounds how long a mistake is believed.
const longestTtlSeconds = 86_400;
// RFC 2308 §5: one to three hours is sensible for negative answers.
const longestNegativeTtlSeconds = 3 * 3600;

const rcode = { noError: 0, nxDomain: 3, refused: 5 };

/** RFC 2308 §2: data, NODATA, NXDOMAIN and failures are four different things. */
export function readAnswer<T>(message: DnsMessage, question: Question, reader: RecordReader<T>): Reading<T> {
  if (message.rcode === rcode.refused) return { kind: 'failed', cause: 'refused' };
  if (message.rcode !== rcode.noError && message.rcode !== rcode.nxDomain) {
    return { kind: 'failed', cause: 'servfail' };
  }
  // Who asks for the alias itself does not want it followed.
  const chain =
    question.type === 'CNAME'
      ? { name: question.name, ttlSeconds: longestTtlSeconds }
      : followAliases(message.answers, question.name);
  if (chain === null) return { kind: 'failed', cause: 'malformed' };
  const { authenticated } = message;
  const negative = { ttlSeconds: negativeTtl(message.authorities), authenticated };
  // RFC 6604 §3: the code speaks of the end of the chain.
  if (message.rcode === rcode.nxDomain) return { kind: 'nxdomain', ...negative };
  const owned = message.answers.filter(
    (record) => sameName(record.name, chain.name) && record.type === question.type,
  );
  const records = owned.map(reader).filter((value) => value !== undefined);
  if (owned.length > 0 && records.length === 0) return { kind: 'failed', cause: 'malformed' };
  if (records.length > 0) {
    const ttlSeconds = Math.min(chain.ttlSeconds, ...owned.map(ttlOf));
    const alias = chain.name === question.name ? {} : { canonicalName: chain.name };
    return { kind: 'found', records, ttlSeconds, authenticated, ...alias };
  }
  const denied = message.authorities.some((record) => record.type === 'SOA');
  if (chain.name !== question.name && !denied) {
    return { kind: 'alias', target: chain.name, ttlSeconds: chain.ttlSeconds, authenticated };
  }
  return { kind: 'nodata', ...negative };
}

/** The name at the end of the CNAMEs that start at `name`; null for a loop or too many. */
function followAliases(
  records: readonly Answer[],
  name: string,
): { name: string; ttlSeconds: number } | null {
  let at = name;
  let ttlSeconds = longestTtlSeconds;
  for (let links = 0; links <= mostAliases; links++) {
    const alias = records.find((record) => record.type === 'CNAME' && sameName(record.name, at));
    if (alias?.type !== 'CNAME') return { name: at, ttlSeconds };
    at = alias.data.toLowerCase();
    if (at === name) return null;
    ttlSeconds = Math.min(ttlSeconds, ttlOf(alias));
  }
  return null;
}

export const readMx: RecordReader<MxRecord> = (record) =>
  record.type === 'MX'
    ? { preference: record.data.preference ?? 0, exchange: record.data.exchange.toLowerCase() }
    : undefined;

// dns-packet reads past the end of a record without a word and gives `127.undefined`: what is no address is left out.
export const readA: RecordReader<string> = (record) =>
  record.type === 'A' && isIPv4(record.data) ? record.data : undefined;

export const readAaaa: RecordReader<string> = (record) =>
  record.type === 'AAAA' && isIPv6(record.data) ? record.data : undefined;

/** RFC 7208 §3.3: the strings of one record are joined without a space. */
export const readTxt: RecordReader<string> = (record) => {
  if (record.type !== 'TXT') return undefined;
  const strings = Array.isArray(record.data) ? record.data : [record.data];
  return strings.map((part) => (typeof part === 'string' ? part : part.toString('utf8'))).join('');
};

export const readPtr: RecordReader<string> = (record) =>
  record.type === 'PTR' ? record.data.toLowerCase() : undefined;

export const readCname: RecordReader<string> = (record) =>
  record.type === 'CNAME' ? record.data.toLowerCase() : undefined;

/** RFC 6698 §2.1; the data is copied, since the datagram's buffer is kept alive by a slice of it. */
export const readTlsa: RecordReader<TlsaRecord> = (record) => {
  if (record.type !== 'TLSA') return undefined;
  const { usage, selector, matchingType, certificate } = record.data;
  if (certificate.length === 0) return undefined;
  return { usage, selector, matching: matchingType, data: Buffer.from(certificate) };
};

/** RFC 2308 §5: the smaller of the SOA's own TTL and its MINIMUM; without a SOA nothing may be kept. */
function negativeTtl(authorities: readonly Answer[]): number {
  const soa = authorities.find((record): record is SoaAnswer => record.type === 'SOA');
  if (soa === undefined) return 0;
  return Math.min(ttlOf(soa), soa.data.minimum ?? 0, longestNegativeTtlSeconds);
}

/** RFC 2181 §8: a TTL with the highest bit set counts as 0. */
function ttlOf(record: Answer): number {
  const ttl = 'ttl' in record ? (record.ttl ?? 0) : 0;
  return ttl > 0x7fff_ffff ? 0 : Math.min(ttl, longestTtlSeconds);
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b;
}

/** RFC 2782. */
export const readSrv: RecordReader<SrvRecord> = (record) => {
  if (record.type !== 'SRV') return undefined;
  const { priority = 0, weight = 0, port, target } = record.data;
  return { priority, weight, port, target: target.toLowerCase() };
};
