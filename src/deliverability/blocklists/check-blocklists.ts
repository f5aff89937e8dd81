import { isIP } from 'node:net';
import type { Bilingual } from '../../base/index.ts';
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
};

/** One list's word about one address or domain. */
export type ListWord = { readonly list: Blocklist; readonly answer: ListAnswer };

/** What every list that fits says of an IP address or a domain (A-labels); all are asked at once. */
export async function askLists(
  subject: string,
  { lists, resolver }: Pick<BlocklistTools, 'lists' | 'resolver'>,
): Promise<readonly ListWord[]> {
  const family = isIP(subject);
  const asked = lists.filter((list) =>
    family === 0 ? list.kind === 'domain' : list.kind === 'address' && (family === 4 || list.ipv6),
  );
  const name = family === 0 ? subject : reverseName(subject).replace(/\.(?:in-addr|ip6)\.arpa$/, '');
  return await Promise.all(
    asked.map(async (list) => ({ list, answer: await askList(list, name, resolver) })),
  );
}

/** The same as findings: one for each list that has it or could not be asked; `blocklists.not-listed` where all is well. */
export async function checkBlocklists(subject: string, tools: BlocklistTools): Promise<readonly Finding[]> {
  const { finding } = tools;
  if (isIP(subject) !== 0 && isReservedAddress(subject))
    return [finding('blocklists.private-address', { subject, evidence: subject })];
  const words = await askLists(subject, tools);
  const told = words.flatMap((word) => findingOf(subject, word, finding) ?? []);
  const answered = words.filter(({ answer }) => answer.kind === 'not-listed').length;
  const isListed = words.some(({ answer }) => answer.kind === 'listed');
  if (isListed || answered === 0) return told;
  const names = words.filter(({ answer }) => answer.kind === 'not-listed').map(({ list }) => list.name);
  const values = { count: answered };
  return [finding('blocklists.not-listed', { subject, evidence: names.join(', '), values }), ...told];
}

const byWeight = {
  heavy: 'blocklists.listed',
  some: 'blocklists.listed',
  light: 'blocklists.listed-lightly',
  note: 'blocklists.listed-around',
} as const;

function findingOf(subject: string, { list, answer }: ListWord, finding: FindingMaker): Finding | null {
  if (answer.kind === 'not-listed') return null;
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
