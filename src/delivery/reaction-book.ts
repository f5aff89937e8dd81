import type { Clock, Timer } from '../base/index.ts';
import type { ReactionRule } from '../knowledge/index.ts';
import { asksFor } from './reaction-ports.ts';
import type { LiftRequest, ReactionStore } from './reaction-ports.ts';
import { suspensionOf } from './reaction.ts';
import type { Observed, Reaction, Suspension, SuspensionTarget, WayFailure } from './reaction.ts';
import { asksForProvider, createReactions } from './reactions.ts';
import type { Reactions } from './reactions.ts';
import type { Settled } from './settler.ts';
import { Suspensions } from './suspensions.ts';

/** Who runs a host, by the knowledge base: the provider's id. */
export type ProviderIdOf = (place: {
  readonly mxHost: string | null;
  readonly domain: string;
}) => string | null;

export type ReactionBookOptions = {
  readonly rules: readonly ReactionRule[];
  /** null: nothing is remembered beyond the run. */
  readonly store: ReactionStore | null;
  readonly clock: Clock;
  readonly providerOf: ProviderIdOf;
  /** Name of the site that serves a domain; null: not known any more. */
  readonly siteOf: (domain: string) => string | null;
  /** Uses the store; null while that fails for a reason that passes. */
  readonly use: <T>(work: () => T) => T | null;
  readonly onStop: (stops: readonly Suspension[]) => void;
  readonly onLift: (stops: readonly Suspension[]) => void;
  readonly onSlowDown: (target: SuspensionTarget, factor: number) => void;
  readonly onReaction: (reaction: Reaction) => void;
};

// Reactions that could not be written, while the disk is full: what they stop is stopped all the same.
const mostUnwritten = 1_000;
// Greetings that turn us away are written together: with a thousand small sites behind one blocklist each would be a commit.
const failureDelayMs = 1_000;

/**
 * What the rules make of the replies of a whole run, beside the store: one for all carriers, so that counts and shares
 * are those of the run. What is stopped goes on being so after a restart.
 */
export class ReactionBook {
  readonly #options: ReactionBookOptions;
  readonly #reactions: Reactions;
  readonly #byProvider: boolean;
  readonly #stops = new Suspensions();
  #unwritten: Reaction[] = [];
  #failures: Observed[] = [];
  #timer: Timer | null = null;

  constructor(options: ReactionBookOptions) {
    this.#options = options;
    this.#reactions = createReactions(options.rules);
    this.#byProvider = asksForProvider(options.rules);
  }

  /** Takes up what was in force when the last run ended. */
  start(): void {
    const { store, clock, use, onStop } = this.#options;
    const found = use(() => store?.inForce(clock.now()) ?? []) ?? [];
    const stops = found.map(suspensionOf).filter((stop) => stop !== null);
    this.#reactions.remember(stops);
    for (const stop of stops) this.#stops.add(stop);
    if (stops.length > 0) onStop(stops);
  }

  /** Until when a campaign is held; null: it is not. */
  heldUntilMs(campaignId: number): number | null {
    if (!this.#stops.parts) return null;
    const stop = this.#stops.ofMessage({ campaignId, domain: '', site: '' }, this.#options.clock.now());
    return stop?.untilMs ?? null;
  }

  /** Somebody stops something until he lifts it; false: it is stopped for longer already. */
  hold(reaction: Reaction): boolean {
    const stop = suspensionOf(reaction);
    if (stop === null || !this.#stops.add(stop)) return false;
    this.#unwritten.push(reaction);
    this.#options.onStop([stop]);
    this.write();
    return true;
  }

  /** Learns from what a carrier reports. */
  observe(batch: readonly Settled[]): void {
    if (this.#options.rules.length === 0) return;
    const delivered = new Map<number, number>();
    for (const settled of batch) {
      const { outcome } = settled.settlement.event;
      const { campaignId } = settled;
      if (outcome === null || campaignId === undefined) continue;
      // Most are deliveries, of few campaigns.
      if (outcome.kind === 'delivered' && !this.#byProvider)
        delivered.set(campaignId, (delivered.get(campaignId) ?? 0) + 1);
      else this.#observe(this.#observedIn(settled, campaignId));
    }
    for (const [campaignId, count] of delivered)
      this.#reactions.delivered(campaignId, count, this.#options.clock.now());
  }

  /** A way out failed before a message had its turn. */
  failed(failure: WayFailure): void {
    const { domain, outcome } = failure;
    const provider = this.#options.providerOf({ mxHost: outcome.host, domain });
    const observed = { ...failure, provider, message: null };
    // That nobody answered is no reply; holds tell of it.
    if (outcome.origin === 'remote' && this.#options.store !== null) {
      this.#failures.push(observed);
      this.#timer ??= this.#options.clock.after(failureDelayMs, () => this.write());
    }
    this.#observe(observed);
  }

  /** Writes what is left, for the last time. */
  close(): void {
    this.write();
    this.#timer?.cancel();
  }

  /** Lifts what somebody asks for; returns how many stops that were. */
  lift(request: LiftRequest, by: string): number {
    const { store, clock, use, onLift } = this.#options;
    const nowMs = clock.now();
    const { askedMs = nowMs } = request;
    const isMeant = ({ target, fromMs, untilMs }: Suspension): boolean =>
      untilMs > nowMs && fromMs <= askedMs && asksFor(request, target);
    const stops = this.#stops.all().filter(isMeant);
    if (stops.length === 0) return 0;
    const targets = stops.map(({ target }) => target);
    this.write();
    use(() => store?.lift(targets, nowMs, by));
    for (const target of targets) {
      this.#stops.remove(target);
      this.#reactions.released(target);
    }
    onLift(stops);
    return stops.length;
  }

  /** Writes down what is not written yet; called again once the store takes something. */
  write(): void {
    const { store, use } = this.#options;
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#unwritten.length + this.#failures.length === 0) return;
    const written = use(() => {
      store?.record(this.#unwritten, this.#failures);
      return true;
    });
    if (written === null) {
      this.#unwritten = this.#unwritten.slice(-mostUnwritten);
      this.#failures = this.#failures.slice(-mostUnwritten);
      return;
    }
    this.#unwritten = [];
    this.#failures = [];
  }

  #observedIn({ settlement, domain }: Settled, campaignId: number): Observed | null {
    const { event } = settlement;
    if (event.outcome === null) return null;
    const { host, source } = event.outcome;
    return {
      atMs: event.atMs,
      site: this.#options.siteOf(domain) ?? host ?? domain,
      source,
      domain,
      provider: this.#options.providerOf({ mxHost: host, domain }),
      message: { id: event.messageId, campaignId },
      outcome: event.outcome,
      reading: event.reading,
    };
  }

  #observe(observed: Observed | null): void {
    const made = observed === null ? [] : this.#reactions.observe(observed);
    if (made.length === 0) return;
    const { onStop, onSlowDown, onReaction } = this.#options;
    const stops: Suspension[] = [];
    for (const reaction of made) {
      const stop = suspensionOf(reaction);
      if (stop !== null && this.#stops.add(stop)) stops.push(stop);
      if (reaction.factor !== null) onSlowDown(reaction.target, reaction.factor);
      this.#unwritten.push(reaction);
    }
    if (stops.length > 0) onStop(stops);
    this.write();
    for (const reaction of made) onReaction(reaction);
  }
}
