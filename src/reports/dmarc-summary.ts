import type { Bilingual } from '../base/index.ts';
import type { DmarcTallies } from './ports.ts';
import { groupSources } from './source-group.ts';
import type { OwnSenders, SourceGroup } from './source-group.ts';
import { judge } from './source-judgement.ts';
import type { Judgement, SourceKind } from './source-judgement.ts';

/** One sender in the summary: numbers are messages. */
export type DmarcSource = Judgement & {
  /** Name of the service, network, or our own sources. */
  readonly source: string;
  readonly name: Bilingual;
  readonly messages: number;
  readonly passed: number;
  readonly failed: number;
  readonly dkimAligned: number;
  readonly spfAligned: number;
  readonly bothAligned: number;
  readonly addresses: number;
  /** Most messages first, a few of each. */
  readonly examples: readonly string[];
  readonly headerFrom: readonly string[];
  readonly signingDomains: readonly string[];
  readonly envelopeDomains: readonly string[];
  readonly selectors: readonly string[];
  readonly dispositions: Readonly<Record<string, number>>;
  readonly days: number;
  readonly first: string | null;
  readonly last: string | null;
};

export type DmarcSummary = {
  readonly domain: string;
  /** RFC 3339, null where no report says its time. */
  readonly from: string | null;
  readonly until: string | null;
  readonly reports: number;
  readonly reporters: readonly string[];
  readonly policy: DmarcTallies['policy'];
  readonly messages: number;
  readonly passed: number;
  readonly failed: number;
  readonly alignment: {
    readonly both: number;
    readonly dkimOnly: number;
    readonly spfOnly: number;
    readonly none: number;
  };
  readonly dispositions: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<SourceKind, { readonly sources: number; readonly messages: number }>>;
  readonly sources: readonly DmarcSource[];
  /** Messages of sources too many to look at. */
  readonly leftOut: number;
  /** What to do next, most important first. */
  readonly advice: readonly Bilingual[];
};

export type SummaryQuestion = { readonly domain: string; readonly own: OwnSenders };

const shownNames = 5;

/** Who sends as a domain, what each looks like, and what to do. */
export function summariseDmarc(tallies: DmarcTallies, { domain, own }: SummaryQuestion): DmarcSummary {
  const groups = groupSources(tallies.tallies, domain, own);
  const days = new Set(tallies.tallies.flatMap((tally) => tally.days)).size;
  const sources = groups.map((group) => sourceOf(group, judge(group, { days })));
  const total = (of: (source: DmarcSource) => number): number =>
    sources.reduce((sum, each) => sum + of(each), 0);
  const messages = total((source) => source.messages);
  const passed = total((source) => source.passed);
  const both = total((source) => source.bothAligned);
  const kinds = kindsOf(sources);
  return {
    domain,
    from: timeText(tallies.beginMs),
    until: timeText(tallies.endMs),
    reports: tallies.reports,
    reporters: tallies.reporters,
    policy: tallies.policy,
    messages,
    passed,
    failed: messages - passed,
    alignment: {
      both,
      dkimOnly: total((source) => source.dkimAligned) - both,
      spfOnly: total((source) => source.spfAligned) - both,
      none: messages - passed,
    },
    dispositions: dispositionsOf(sources),
    kinds,
    sources,
    leftOut: tallies.leftOut,
    advice: adviceOf({ tallies, sources, kinds, days }),
  };
}

function timeText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function sourceOf(group: SourceGroup, judgement: Judgement): DmarcSource {
  const days = [...group.days].toSorted();
  return {
    source: group.key,
    name: group.name,
    ...judgement,
    messages: group.messages,
    passed: group.passed,
    failed: group.messages - group.passed,
    dkimAligned: group.dkimAligned,
    spfAligned: group.spfAligned,
    bothAligned: group.both,
    addresses: group.addresses.size,
    examples: most(group.addresses),
    headerFrom: most(group.headerFrom),
    signingDomains: most(group.signingDomains),
    envelopeDomains: most(group.envelopeDomains),
    selectors: most(group.selectors),
    dispositions: Object.fromEntries(group.dispositions),
    days: days.length,
    first: days[0] ?? null,
    last: days.at(-1) ?? null,
  };
}

function most(names: ReadonlyMap<string, number>): readonly string[] {
  return [...names]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, shownNames)
    .map(([name]) => name);
}

function kindsOf(sources: readonly DmarcSource[]): DmarcSummary['kinds'] {
  const count = (kind: SourceKind): { readonly sources: number; readonly messages: number } => {
    const those = sources.filter((source) => source.kind === kind);
    return { sources: those.length, messages: those.reduce((sum, each) => sum + each.messages, 0) };
  };
  return {
    ours: count('ours'),
    authorised: count('authorised'),
    forgotten: count('forgotten'),
    forwarder: count('forwarder'),
    forger: count('forger'),
    unclear: count('unclear'),
  };
}

function dispositionsOf(sources: readonly DmarcSource[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const source of sources)
    for (const [word, messages] of Object.entries(source.dispositions))
      counts.set(word, (counts.get(word) ?? 0) + messages);
  return Object.fromEntries(counts);
}

// Two weeks hold every weekly job and most newsletters; a policy made on less surprises somebody.
const daysToKnow = 14;

type Advising = {
  readonly tallies: DmarcTallies;
  readonly sources: readonly DmarcSource[];
  readonly kinds: DmarcSummary['kinds'];
  readonly days: number;
};

function adviceOf({ tallies, sources, kinds, days }: Advising): readonly Bilingual[] {
  if (tallies.reports === 0)
    return [
      {
        ja: 'このドメインのレポートはまだありません。_dmarc の TXT レコードに rua=mailto:… があるか確かめてください。',
        en: 'There is no report about this domain yet: check that its _dmarc TXT record has rua=mailto:….',
      },
    ];
  const advice: Bilingual[] = [];
  const policy = tallies.policy?.p ?? null;
  const mend = sources.filter(
    (source) => source.trouble && (source.kind === 'ours' || source.kind === 'forgotten'),
  );
  if (mend.length > 0)
    advice.push({
      ja: `先に ${mend.length} 件の送信元（${mend
        .slice(0, 3)
        .map((each) => each.name.ja)
        .join('、')}）を整えてください。それまでポリシーは強くしないでください。`,
      en: `First mend these senders (${mend.length}): ${mend
        .slice(0, 3)
        .map((each) => each.name.en)
        .join(', ')}. Do not tighten the policy before.`,
    });
  else if (days < daysToKnow)
    advice.push({
      ja: `まだ ${days} 日分です。${daysToKnow} 日分が揃うまで、ポリシーの変更は待ってください。`,
      en: `There are ${days} days so far: wait for ${daysToKnow} before changing the policy.`,
    });
  else if (policy === 'none' || policy === 'quarantine')
    advice.push({
      ja: `自社の送信元は整っています。次は p=${policy === 'none' ? 'quarantine' : 'reject'} に進めます。`,
      en: `Your own senders are in order: the next step is p=${policy === 'none' ? 'quarantine' : 'reject'}.`,
    });
  if (kinds.forger.messages > 0 && policy === 'none')
    advice.push({
      ja: `偽装と思われる ${kinds.forger.messages} 通が、p=none のため止められていません。`,
      en: `Mail that looks forged (${kinds.forger.messages}) is not stopped, because the policy is p=none.`,
    });
  if (advice.length === 0) advice.push({ ja: '対応は不要です。', en: 'Nothing to do.' });
  return advice;
}
