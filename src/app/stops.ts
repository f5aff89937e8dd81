import { AppError } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { LiftedStops, LiftQuestion, ReplayAnswer, ReplayedReaction, StopInForce } from '../cli/index.ts';
import { asksFor, replay, suspensionOf } from '../delivery/index.ts';
import type { Reaction, Replay } from '../delivery/index.ts';
import { readReactionFile } from '../knowledge/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { askToLift } from './path-requests.ts';

type LiftParts = {
  readonly openReader: () => Store;
  /** Closes the reader and takes the folder for work. */
  readonly openWorker: () => Store;
  readonly clock: Clock;
  readonly random: () => number;
};

/** Lifts stops: in the store when nobody works there, else by asking the process that does. */
export function liftStops(parts: LiftParts, question: LiftQuestion): LiftedStops {
  const { clock, random } = parts;
  const store = parts.openReader();
  const askedMs = clock.now();
  const { site, source, campaign } = question;
  const campaignId = campaign === null ? null : campaignIdOf(store, campaign);
  const request = { site, source, campaignId, askedMs };
  const meant = store.reactions.inForce(askedMs).filter(({ target }) => asksFor(request, target));
  if (meant.length > 0 && store.isWorking()) {
    askToLift(store.folder, request, random);
    return { lifted: meant.length, asked: true };
  }
  if (meant.length === 0) return { lifted: 0, asked: false };
  const targets = meant.map(({ target }) => target);
  return { lifted: parts.openWorker().reactions.lift(targets, askedMs, 'operator'), asked: false };
}

/** What is stopped now, and whose words led to it. */
export function stopsInForce(store: Store, knowledge: Knowledge, nowMs: number): readonly StopInForce[] {
  return store.reactions.inForce(nowMs).map((reaction) => {
    const { target, detail, rule, atMs, untilMs } = reaction;
    const meaning = knowledge.reactions.find(({ id }) => id === rule)?.meaning ?? { ja: rule, en: rule };
    return {
      scope: target.scope,
      site: target.site,
      source: target.source,
      domain: target.domain,
      campaign: target.campaignId === null ? null : (store.campaigns.byId(target.campaignId)?.name ?? null),
      rule,
      because: suspensionOf(reaction)?.because ?? 'suspended',
      meaning,
      detail,
      since: new Date(atMs).toISOString(),
      until: new Date(untilMs ?? 0).toISOString(),
    };
  });
}

/** What the rules of a file would have done with the replies on record, beside what was done. */
export function replayRules(
  store: Store,
  knowledge: Knowledge,
  question: { readonly sinceMs: number; readonly rules: string | null },
): ReplayAnswer {
  const { sinceMs, rules: file } = question;
  const rules = file === null ? knowledge.reactions : readReactionFile(file, knowledge);
  const result: Replay = replay(rules, store.reactions.replies(sinceMs), ({ outcome, domain }) => {
    return knowledge.providerOf({ mxHost: outcome.host, domain })?.id ?? null;
  });
  const named = (reaction: Reaction): ReplayedReaction => inWords(store, reaction);
  return {
    since: new Date(sinceMs).toISOString(),
    rules: rules.map(({ id }) => id),
    replies: result.replies,
    would: result.reactions.map(named),
    spared: result.spared,
    did: store.reactions.since(sinceMs).map(named),
  };
}

function inWords(store: Store, reaction: Reaction): ReplayedReaction {
  const { target, untilMs, atMs, factor, rule, provider, verdict, detail } = reaction;
  return {
    at: new Date(atMs).toISOString(),
    do: reaction.do,
    rule,
    scope: target.scope,
    site: target.site,
    source: target.source,
    domain: target.domain,
    campaign: target.campaignId === null ? null : (store.campaigns.byId(target.campaignId)?.name ?? null),
    until: untilMs === null ? null : new Date(untilMs).toISOString(),
    factor,
    provider,
    verdict,
    detail,
  };
}

function campaignIdOf(store: Store, name: string): number {
  const found = store.campaigns.byName(name);
  if (found !== null) return found.id;
  throw new AppError({
    code: 'campaign-unknown',
    message: { ja: `キャンペーン ${name} はありません`, en: `there is no campaign ${name}` },
    hint: { ja: '`todoku ledger` で名前を確かめてください', en: '`todoku ledger` shows the names' },
  });
}
