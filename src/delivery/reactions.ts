import type { ReactionRule, ReactionStep } from '../knowledge/index.ts';
import { targetKey } from './reaction.ts';
import type { Observed, Reaction, SuspensionTarget } from './reaction.ts';
import { SlidingCount } from './sliding-count.ts';

/** What the rules make of the replies, one after the other. The same for what happens now and for what is replayed. */
export type Reactions = {
  observe(observed: Observed): readonly Reaction[];
  /** So many deliveries of a campaign; for rules that do not ask for the provider. Sets nothing off. */
  delivered(campaignId: number, count: number, atMs: number): void;
  /** What is stopped no longer, before its time: the next reply is a new beginning. */
  released(target: SuspensionTarget): void;
  /** Stops that were in force before: they are not made again, and grow when they are repeated. */
  remember(
    stops: readonly { readonly rule: string; readonly target: SuspensionTarget; readonly untilMs: number }[],
  ): void;
};

type Stop = { untilMs: number; readonly lengthMs: number };

// Counts of what did not happen again lately are dropped beyond this: a counter has half a kilobyte.
const mostCounts = 10_000;
// The receiver's words are for people.
const longestDetail = 300;

export function createReactions(rules: readonly ReactionRule[]): Reactions {
  const counted = rules.filter((rule) => rule.share === null);
  const shares = rules.filter((rule) => rule.share !== null).map(createShare);
  const counts = new Map<string, SlidingCount>();
  const stops = new Map<string, Stop>();

  const countOf = (key: string, windowMs: number): SlidingCount => {
    const known = counts.get(key);
    if (known !== undefined) return known;
    if (counts.size >= mostCounts) counts.clear();
    const count = new SlidingCount(windowMs);
    counts.set(key, count);
    return count;
  };

  /** null: not yet; else the words that say why. */
  const isSetOff = (rule: ReactionRule, observed: Observed): string | null => {
    const { atMs } = observed;
    if (rule.times <= 1) return saidBy(observed);
    const count = countOf(`${rule.id} ${targetKey(targetOf(rule, observed))}`, rule.withinMs);
    count.add(atMs);
    if (count.total(atMs) < rule.times) return null;
    count.clear();
    return saidBy(observed);
  };

  const react = (rule: ReactionRule, observed: Observed, detail: string): readonly Reaction[] => {
    const made: Reaction[] = [];
    for (const step of rule.steps) {
      const target = targetOfStep(step, rule, observed);
      const stopKey = `${rule.id} ${step.do} ${targetKey(target)}`;
      const untilMs = endOf(step, stops.get(stopKey), observed.atMs);
      // Replies to what was under way when the stop began.
      if (untilMs === 'in-force') return made;
      if (untilMs !== null) stops.set(stopKey, { untilMs, lengthMs: untilMs - observed.atMs });
      made.push({
        do: step.do,
        rule: rule.id,
        atMs: observed.atMs,
        target,
        untilMs,
        factor: step.do === 'slow-down' ? step.factor : null,
        provider: observed.provider,
        verdict: observed.reading.verdict,
        detail: detail.slice(0, longestDetail),
        messageId: observed.message?.id ?? null,
      });
    }
    return made;
  };

  return {
    observe(observed) {
      const made: Reaction[] = [];
      for (const share of shares) {
        const detail = share.count(observed);
        if (detail !== null) made.push(...react(share.rule, observed, detail));
      }
      // The most frequent by far, and no rule is about it.
      if (observed.outcome.kind === 'delivered') return made;
      for (const rule of counted) {
        const detail = matches(rule, observed) ? isSetOff(rule, observed) : null;
        if (detail !== null) made.push(...react(rule, observed, detail));
      }
      return made;
    },
    delivered(campaignId, count, atMs) {
      for (const share of shares) share.delivered(campaignId, count, atMs);
    },
    released(target) {
      const key = ` ${targetKey(target)}`;
      for (const each of stops.keys()) if (each.endsWith(key)) stops.delete(each);
    },
    remember(former) {
      for (const { rule, target, untilMs } of former) {
        const step = target.scope === 'campaign' ? 'hold-campaign' : 'suspend';
        const known = rules.find(({ id }) => id === rule)?.steps.find((each) => each.do === step);
        const lengthMs = known !== undefined && 'forMs' in known ? known.forMs : 0;
        stops.set(`${rule} ${step} ${targetKey(target)}`, { untilMs, lengthMs });
      }
    },
  };
}

type Share = {
  readonly rule: ReactionRule;
  /** Called for every attempt; the numbers as words when the share is exceeded, else null. */
  count(observed: Observed): string | null;
  delivered(campaignId: number, count: number, atMs: number): void;
};

// Campaigns under way at the same time; of the others the counts have long slid out.
const mostCampaigns = 1_000;

function createShare(rule: ReactionRule): Share {
  const campaigns = new Map<number, { readonly all: SlidingCount; readonly bad: SlidingCount }>();
  const of = (campaignId: number): { all: SlidingCount; bad: SlidingCount } => {
    const known = campaigns.get(campaignId);
    if (known !== undefined) return known;
    if (campaigns.size >= mostCampaigns) campaigns.clear();
    const counts = { all: new SlidingCount(rule.withinMs), bad: new SlidingCount(rule.withinMs) };
    campaigns.set(campaignId, counts);
    return counts;
  };
  return {
    rule,
    count(observed) {
      const { share } = rule;
      const { atMs, message } = observed;
      if (share === null || message === null || !isIn(rule.providers, observed.provider)) return null;
      const { all, bad } = of(message.campaignId);
      all.add(atMs);
      if (!matches(rule, observed)) return null;
      bad.add(atMs);
      const [attempts, failed] = [all.total(atMs), bad.total(atMs)];
      if (attempts < share.attempts || failed < share.above * attempts) return null;
      all.clear();
      bad.clear();
      return `${failed}/${attempts}: ${saidBy(observed)}`;
    },
    delivered: (campaignId, count, atMs) => of(campaignId).all.add(atMs, count),
  };
}

/** Says of a refusal whether it is about us: its message waits then, and does not bounce. */
export function createKeeps(
  rules: readonly ReactionRule[],
): (observed: Pick<Observed, 'outcome' | 'reading' | 'provider'>) => boolean {
  const keeping = rules.filter((rule) => rule.keeps);
  return (observed) => keeping.some((rule) => matches(rule, observed));
}

/** Whether the rules ask which provider it is: looking that up for each message costs. */
export function asksForProvider(rules: readonly ReactionRule[]): boolean {
  return rules.some((rule) => rule.providers !== null);
}

function matches(rule: ReactionRule, observed: Pick<Observed, 'outcome' | 'reading' | 'provider'>): boolean {
  const { outcome, reading } = observed;
  if (outcome.kind === 'delivered') return false;
  return (
    isIn(rule.verdicts, reading.verdict) &&
    isIn(rule.details, reading.detail) &&
    isIn(rule.replyRules, reading.rule) &&
    isIn(rule.stages, outcome.stage) &&
    isIn(rule.kinds, outcome.kind) &&
    isIn(rule.providers, observed.provider) &&
    reading.confidence >= rule.leastConfidence
  );
}

function isIn(list: readonly string[] | null, word: string | null): boolean {
  return list === null || (word !== null && list.includes(word));
}

/** When the stop of a step ends; null for a step that stops nothing. */
function endOf(step: ReactionStep, before: Stop | undefined, nowMs: number): number | null | 'in-force' {
  if (step.do !== 'suspend' && step.do !== 'hold-campaign') return null;
  if (before !== undefined && nowMs < before.untilMs) return 'in-force';
  const longestMs = step.do === 'suspend' ? step.longestMs : step.forMs;
  const isRepeated = before !== undefined && nowMs - before.untilMs < longestMs;
  return nowMs + (isRepeated ? Math.min(longestMs, 2 * before.lengthMs) : step.forMs);
}

/** What a rule counts by: what its first stop would stop. */
function targetOf(rule: ReactionRule, observed: Observed): SuspensionTarget {
  const step = rule.steps.find((each) => each.do !== 'alert');
  return targetOfStep(step ?? { do: 'alert' }, rule, observed);
}

function targetOfStep(step: ReactionStep, rule: ReactionRule, observed: Observed): SuspensionTarget {
  const { site, source, domain, message } = observed;
  const nothing = { site: null, source: null, domain: null, campaignId: null };
  switch (step.do) {
    case 'hold-campaign':
      return { ...nothing, scope: 'campaign', campaignId: message?.campaignId ?? null };
    case 'slow-down':
      return { ...nothing, scope: 'path', site, source };
    case 'alert': {
      const other = rule.steps.find((each) => each.do !== 'alert');
      if (other !== undefined) return targetOfStep(other, rule, observed);
      return { ...nothing, scope: 'source-at-site', site, source };
    }
    case 'suspend':
      switch (step.scope) {
        case 'source':
          return { ...nothing, scope: 'source', source };
        case 'domain-at-site':
          return { ...nothing, scope: 'domain-at-site', site, domain };
        default:
          return { ...nothing, scope: step.scope, site, source };
      }
  }
}

/** The receiver's own words. */
export function saidBy({ outcome }: Pick<Observed, 'outcome'>): string {
  return outcome.origin === 'remote'
    ? `${outcome.reply.code} ${outcome.reply.lines.join(' ')}`
    : outcome.text;
}
