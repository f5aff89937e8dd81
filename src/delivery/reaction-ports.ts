import type { Observed, Reaction, SuspensionTarget } from './reaction.ts';

/** A reaction on record; `endedMs` when a stop was lifted before its time. */
export type RecordedReaction = Reaction & {
  readonly endedMs: number | null;
  /** Who lifted it, e.g. `operator`. */
  readonly endedBy: string | null;
};

/** A reply on record, as a replay needs it. `site`: the hosts that share its domains, by the first of their names. */
export type RecordedReply = Observed;

/** What reactions ask of a store. Synchronous, as `DeliveryStore` is. */
export interface ReactionStore {
  /** One durable transaction: reactions, and failures of ways out for which no message had its turn. */
  record(reactions: readonly Reaction[], failures: readonly Observed[]): void;
  /** Stops in force that end after `nowMs`, oldest first. */
  inForce(nowMs: number): readonly RecordedReaction[];
  /** Ends stops in force before their time; returns how many there were. */
  lift(targets: readonly SuspensionTarget[], atMs: number, by: string): number;
  /** Everything that reactions did since, oldest first; at most the newest 10,000. */
  since(fromMs: number): readonly RecordedReaction[];
  /** Replies and failures since, in the order of time, read while they are asked for. */
  replies(fromMs: number): Iterable<RecordedReply>;
}

/** Which stops somebody wants lifted; null asks nothing of that kind. All null: everything. */
export type LiftRequest = {
  readonly site: string | null;
  readonly source: string | null;
  readonly campaignId: number | null;
  /** Only what was stopped by then; left out: everything. */
  readonly askedMs?: number;
};

/** true when the request means the target. A part of a site's name is enough: `gmail-smtp-in.l.google.com`. */
export function asksFor(request: LiftRequest, target: SuspensionTarget): boolean {
  const { site, source, campaignId } = request;
  if (campaignId !== null) return target.campaignId === campaignId;
  // A held campaign is lifted by its name, and not by the way with everything else.
  if (site === null && source === null) return true;
  if (target.scope === 'campaign') return false;
  const isSite = site === null || (target.site?.includes(site) ?? false) || target.domain === site;
  return isSite && (source === null || target.source === source);
}
