import { targetKey } from '../../src/delivery/index.ts';
import type { Observed, ReactionStore, RecordedReaction } from '../../src/delivery/index.ts';

/** The plainest thing that keeps the promises of ReactionStore, but for replies: nothing durable. */
export function memoryReactions(): ReactionStore & { readonly failures: readonly Observed[] } {
  const reactions: RecordedReaction[] = [];
  const failures: Observed[] = [];
  const isOpen = (each: RecordedReaction, nowMs: number): boolean =>
    each.untilMs !== null && each.untilMs > nowMs && each.endedMs === null;
  return {
    failures,
    record(made, failed) {
      for (const each of made) reactions.push({ ...each, endedMs: null, endedBy: null });
      failures.push(...failed);
    },
    inForce: (nowMs) => reactions.filter((each) => isOpen(each, nowMs)),
    lift(targets, atMs, by) {
      const keys = new Set(targets.map(targetKey));
      let lifted = 0;
      for (const [index, each] of reactions.entries()) {
        if (!isOpen(each, atMs) || !keys.has(targetKey(each.target))) continue;
        reactions[index] = { ...each, endedMs: atMs, endedBy: by };
        lifted += 1;
      }
      return lifted;
    },
    since: (fromMs) => reactions.filter(({ atMs }) => atMs >= fromMs),
    replies: () => [],
  };
}
