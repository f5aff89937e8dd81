import type { ReactionRule } from '../knowledge/index.ts';
import { suspensionOf } from './reaction.ts';
import type { Observed, Reaction } from './reaction.ts';
import { createReactions } from './reactions.ts';
import { Suspensions } from './suspensions.ts';

/** What rules would have done with replies on record. */
export type Replay = {
  readonly replies: number;
  /** In the order of time; of more than 10,000 the first. */
  readonly reactions: readonly Reaction[];
  /** Attempts of the record that would not have been made then, because something was stopped. */
  readonly spared: { readonly delivered: number; readonly failed: number };
};

const reactionsAtMost = 10_000;

/**
 * Replays replies in their order. What falls into the time of a stop teaches nothing: it would not have been sent then.
 * What would have been sent after it instead is not known, so a replay of long stops is a lower bound.
 */
export function replay(
  rules: readonly ReactionRule[],
  replies: Iterable<Observed>,
  providerOf: (observed: Observed) => string | null,
): Replay {
  const judge = createReactions(rules);
  const stops = new Suspensions();
  const reactions: Reaction[] = [];
  const spared = { delivered: 0, failed: 0 };
  let count = 0;
  for (const reply of replies) {
    count++;
    const { site, source, domain, message, atMs } = reply;
    const campaignId = message?.campaignId ?? 0;
    const isStopped =
      stops.any &&
      (stops.ofPath({ site, source }, atMs) !== null ||
        stops.ofMessage({ campaignId, domain, site }, atMs) !== null);
    if (isStopped) {
      spared[reply.outcome.kind === 'delivered' ? 'delivered' : 'failed']++;
      continue;
    }
    const provider = reply.provider ?? providerOf(reply);
    for (const reaction of judge.observe({ ...reply, provider })) {
      const stop = suspensionOf(reaction);
      if (stop !== null) stops.add(stop);
      if (reactions.length < reactionsAtMost) reactions.push(reaction);
    }
  }
  return { replies: count, reactions, spared };
}
