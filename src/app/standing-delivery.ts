import type { Bilingual } from '../base/index.ts';
import type { DeliveryProgress } from '../cli/index.ts';
import type { Engine, LiftRequest, Reaction, PathHold, Settled } from '../delivery/index.ts';
import { createCampaignFollowers } from './campaign-followers.ts';
import type { Followed, Following } from './campaign-followers.ts';
import { deliverIn } from './delivery-run.ts';
import type { RunParts } from './delivery-run.ts';
import type { World } from './rehearsal.ts';

/** Delivery that goes on until it is told to end. */
export type StandingDelivery = {
  /** An engine works now. */
  readonly running: boolean;
  /** Resolves when the first engine works, or none will. */
  readonly begun: Promise<void>;
  /** Campaigns were opened: they are taken up at once. */
  opened(campaignIds: readonly number[]): void;
  /** Messages were stored: they are on their way in this turn. */
  arrived(messages: Parameters<Engine['arrived']>[0]): void;
  lift(request: LiftRequest): number;
  /** Stops what somebody wants stopped; false: no engine works, or it is stopped for longer. */
  hold(reaction: Reaction): boolean;
  /** Until none of the campaigns is open any more, or the signal aborts. */
  follow(following: Following): Promise<Followed>;
  /** Ends when the signal of the watch aborts; rejects on a fault. */
  readonly end: Promise<void>;
  /** Ends it without a signal. */
  stop(): Promise<void>;
};

export type StandingWatch = {
  readonly signal: AbortSignal;
  readonly remark: (text: Bilingual) => void;
  readonly delivering: (progress: DeliveryProgress) => void;
  /** After the fact is durable. */
  readonly committed?: (batch: readonly Settled[]) => void;
  readonly held?: (hold: PathHold) => void;
  /** The store stopped (`error`), or takes again (null). */
  readonly trouble?: (error: unknown) => void;
};

/** Starts the engine that stays, in a world that is open. */
export function startStandingDelivery(world: World, parts: RunParts, watch: StandingWatch): StandingDelivery {
  const followers = createCampaignFollowers({ ...parts, campaigns: parts.store.campaigns });
  const stopping = new AbortController();
  const signal = AbortSignal.any([watch.signal, stopping.signal]);
  let engine: Engine | null = null;
  const committed = (batch: readonly Settled[]): void => {
    followers.committed(batch);
    watch.committed?.(batch);
  };
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const onEngine = (next: Engine | null): void => {
    engine = next;
    if (next !== null) begin();
  };
  const options = {
    stays: true,
    onEngine,
    listener: { committed, held: watch.held ?? nothing, trouble: watch.trouble ?? nothing },
  };
  const run = async (): Promise<void> => {
    try {
      await deliverIn(world, { ...parts, options }, { ...watch, signal });
    } finally {
      begin();
      followers.stop();
    }
  };
  const end = run();
  return {
    get running() {
      return engine !== null && !signal.aborted;
    },
    begun,
    // Where no engine works now, the next one finds everything in the store.
    opened: (campaignIds) => engine?.opened(campaignIds),
    arrived: (messages) => engine?.arrived(messages),
    lift: (request) => engine?.lift(request) ?? 0,
    hold: (reaction) => engine?.hold(reaction) ?? false,
    follow: (following) => followers.follow(following),
    end,
    async stop() {
      stopping.abort();
      await end;
    },
  };
}

function nothing(): void {
  // Nobody asked for it.
}
