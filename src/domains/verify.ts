import type { DnsAnswer, MxRecord, Resolver } from '../net/dns/index.ts';
import type { RecordFinding, RecordState, WantedRecord } from './domain.ts';

const mostShown = 5;
const longestShownCharacters = 500;

/** Looks for each record in the DNS. Never throws for what the network does. */
export async function findRecords(
  wanted: readonly WantedRecord[],
  resolver: Pick<Resolver, 'txt' | 'mx'>,
): Promise<readonly RecordFinding[]> {
  return await Promise.all(wanted.map(async (record) => await findRecord(record, resolver)));
}

/** Whether mail may be sent for the domain: each DKIM key is published. null: the DNS does not say. */
export function isVerified(findings: readonly RecordFinding[]): boolean | null {
  const dkim = findings.filter(({ purpose }) => purpose === 'dkim');
  if (dkim.length > 0 && dkim.every(({ state }) => state === 'found')) return true;
  return dkim.some(({ state }) => state === 'unknown') ? null : false;
}

async function findRecord(
  record: WantedRecord,
  resolver: Pick<Resolver, 'txt' | 'mx'>,
): Promise<RecordFinding> {
  const { name, type, purpose } = record;
  const answer = type === 'MX' ? asTexts(await resolver.mx(name)) : await resolver.txt(name);
  const texts = answer.kind === 'found' ? answer.records : [];
  const found = texts.slice(0, mostShown).map((text) => text.slice(0, longestShownCharacters));
  return { name, type, purpose, state: stateOf(record, answer.kind, texts), found };
}

function asTexts(
  answer: DnsAnswer<MxRecord>,
): Pick<DnsAnswer<string>, 'kind'> & { readonly records: readonly string[] } {
  if (answer.kind !== 'found') return { kind: answer.kind, records: [] };
  return {
    kind: 'found',
    records: answer.records.map(({ preference, exchange }) => `${preference} ${exchange}`),
  };
}

function stateOf(
  record: WantedRecord,
  kind: DnsAnswer<string>['kind'],
  texts: readonly string[],
): RecordState {
  if (kind === 'failed') return 'unknown';
  const related = texts.filter((text) => isRelated(record, text));
  if (related.length === 0) return 'missing';
  // RFC 7208 §4.5 and RFC 7489 §6.6.3: two records of one kind are an error, as good as none.
  const mustBeAlone = record.purpose === 'spf' || record.purpose === 'dmarc';
  if (mustBeAlone && related.length > 1) return 'different';
  return related.some((text) => serves(record, text)) ? 'found' : 'different';
}

function isRelated({ purpose }: WantedRecord, text: string): boolean {
  switch (purpose) {
    case 'dkim':
    case 'return-path':
      return true;
    case 'spf':
      return /^v=spf1(?: |$)/i.test(text);
    case 'dmarc':
      return /^v=DMARC1\s*(?:;|$)/i.test(text);
  }
}

/** Whether what stands there does what it is wanted for; people may have added to it. */
function serves({ purpose, value }: WantedRecord, text: string): boolean {
  switch (purpose) {
    case 'dkim':
      return tagOf(text, 'p') === tagOf(value, 'p');
    case 'spf': {
      const terms = new Set(text.toLowerCase().split(/ +/));
      return value
        .split(' ')
        .slice(1, -1)
        .every((mechanism) => terms.has(mechanism) || terms.has(`+${mechanism}`));
    }
    case 'dmarc':
      return tagOf(text, 'p') !== null;
    case 'return-path':
      return hostOf(text) === hostOf(value);
  }
}

function hostOf(mx: string): string {
  return mx
    .slice(mx.indexOf(' ') + 1)
    .toLowerCase()
    .replace(/\.$/, '');
}

/** RFC 6376 §3.2: white space around a tag's parts, and within `p=`, means nothing. */
function tagOf(record: string, tag: string): string | null {
  for (const part of record.split(';')) {
    const at = part.indexOf('=');
    if (part.slice(0, Math.max(at, 0)).trim() === tag) return part.slice(at + 1).replaceAll(/\s+/g, '');
  }
  return null;
}
