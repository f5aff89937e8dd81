import { isIP } from 'node:net';
import { getDomain } from 'tldts';
import type { Bilingual, Clock } from '../../base/index.ts';
import { withinTime } from '../../findings/index.ts';
import type { Finding, FindingMaker } from '../../findings/index.ts';
import { reverseName } from '../../net/dns/index.ts';
import type { Resolver } from '../../net/dns/index.ts';
import { isReservedAddress } from '../reserved-address.ts';
import { askList } from './ask-list.ts';
import type { ListAnswer } from './ask-list.ts';
import type { Blocklist } from './blocklist.ts';

export type BlocklistTools = {
  readonly finding: FindingMaker;
  readonly lists: readonly Blocklist[];
  readonly resolver: Pick<Resolver, 'a' | 'txt'>;
  readonly clock: Clock;
  /** Called as each list has answered, or has not in time. */
  readonly onAnswer?: (word: ListWord) => void;
};

/** One list's word about one address or domain. */
export type ListWord = { readonly list: Blocklist; readonly answer: ListAnswer };

// Three attempts of the resolver at two seconds each, for the A and then the TXT record, and some more.
const listLimitMs = 15_000;

/** What every list that fits says of an IP address or a domain (A-labels); all are asked at once, and none for ever. */
export async function askLists(
  subject: string,
  { lists, resolver, clock, onAnswer }: Omit<BlocklistTools, 'finding'>,
): Promise<readonly ListWord[]> {
  const plain = withoutMapping(subject);
  const family = isIP(plain);
  const asked = lists.filter((list) =>
    family === 0 ? list.kind === 'domain' : list.kind === 'address' && (family === 4 || list.ipv6),
  );
  const ask = async (list: Blocklist): Promise<ListWord> => {
    const work = (): Promise<ListAnswer> => askList(list, nameFor(list, plain), resolver);
    const answer = await withinTime(work, { clock, limitMs: listLimitMs });
    const word = { list, answer: answer ?? late };
    onAnswer?.(word);
    return word;
  };
  return await Promise.all(asked.map(ask));
}

const late: ListAnswer = { kind: 'silent', answer: `> ${listLimitMs / 1000} s` };

function nameFor(list: Blocklist, subject: string): string {
  if (isIP(subject) !== 0) return reverseName(subject).replace(/\.(?:in-addr|ip6)\.arpa$/, '');
  return list.names === 'registered' ? (getDomain(subject) ?? subject) : subject;
}

/** `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2) is an IPv4 address to everybody who asks; anything else is given back. */
function withoutMapping(subject: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(subject)?.[1] ?? subject;
}

/** Whether lists can say anything of it: a domain, or an address that is used on the Internet. */
export function isListable(subject: string): boolean {
  const plain = withoutMapping(subject);
  return isIP(plain) === 0 || !isReservedAddress(plain);
}

/** The same as findings: one for each list that has it or could not be asked; `blocklists.not-listed` where all is well. */
export async function checkBlocklists(subject: string, tools: BlocklistTools): Promise<readonly Finding[]> {
  const { finding } = tools;
  if (!isListable(subject)) return [finding('blocklists.private-address', { subject, evidence: subject })];
  const words = await askLists(subject, tools);
  const told = [
    ...words.flatMap((word) => findingOf(subject, word, finding) ?? []),
    ...speechless(subject, words, finding),
  ];
  const free = words.filter(({ answer }) => answer.kind === 'not-listed');
  const isListed = words.some(({ answer }) => answer.kind === 'listed');
  if (isListed) return told;
  const evidence = (free.length === 0 ? words : free).map(({ list }) => list.name).join(', ');
  if (free.length === 0) return [finding('blocklists.none-asked', { subject, evidence }), ...told];
  return [finding('blocklists.not-listed', { subject, evidence, values: { count: free.length } }), ...told];
}

type Speechless = 'silent' | 'unbelievable';

function isSpeechless(kind: ListAnswer['kind']): kind is Speechless {
  return kind === 'silent' || kind === 'unbelievable';
}

/** Lists that gave nothing to act on, together: without a resolver it is all of them. */
function speechless(subject: string, words: readonly ListWord[], finding: FindingMaker): readonly Finding[] {
  return (['unbelievable', 'silent'] as const).flatMap((kind) => {
    const seen = words.flatMap(({ list, answer }) =>
      answer.kind === kind ? [{ name: list.name, line: `${list.zone} → ${answer.answer}` }] : [],
    );
    if (seen.length === 0) return [];
    const values = { list: seen.map(({ name }) => name).join(', ') };
    const evidence = seen.map(({ line }) => line).join('\n');
    return [finding(`blocklists.${kind}`, { subject, evidence, values })];
  });
}

const byWeight = {
  heavy: 'blocklists.listed',
  some: 'blocklists.listed',
  light: 'blocklists.listed-lightly',
  note: 'blocklists.listed-around',
} as const;

function findingOf(subject: string, { list, answer }: ListWord, finding: FindingMaker): Finding | null {
  if (answer.kind === 'not-listed' || isSpeechless(answer.kind)) return null;
  const values = { list: list.name, url: list.url };
  const evidence = `${list.zone} → ${answer.answer}`;
  if (answer.kind !== 'listed') return finding(`blocklists.${answer.kind}`, { subject, evidence, values });
  const words = (language: keyof Bilingual): Readonly<Record<string, string>> => ({
    ...values,
    what: list.what[language],
    meaning: answer.meanings.map((each) => each[language]).join(language === 'ja' ? '、' : '; '),
    leave: list.leave[language],
  });
  const shown = answer.reason === null ? evidence : `${evidence}\n${answer.reason}`;
  const make = (language: keyof Bilingual): Finding =>
    finding(byWeight[list.weight], { subject, evidence: shown, values: words(language) });
  const [ja, en] = [make('ja'), make('en')];
  return { ...en, advice: { ja: ja.advice.ja, en: en.advice.en } };
}
