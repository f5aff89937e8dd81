import { StorageFull } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import type { DeliveryProgress } from '../cli/index.ts';
import type { Engine, LiftRequest, Reaction, PathHold, Settled } from '../delivery/index.ts';
import { deliverIn } from './delivery-run.ts';
import type { RunParts } from './delivery-run.ts';
import type { World } from './rehearsal.ts';
import { Tally } from './tally.ts';

/** What somebody wants to see of some campaigns. */
export type Following = {
  readonly campaignIds: readonly number[];
  /** Messages of them that wait. */
  readonly waiting: number;
  readonly signal: AbortSignal;
  readonly show: (progress: DeliveryProgress) => void;
};

/** What a stretch of delivering cost, for whoever followed it. */
export type Followed = { readonly seconds: number; readonly cpuSeconds: number; readonly unknown: number };

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

// A person who follows a campaign sees its end this soon; asking costs 20 µs a campaign that is open.
const lookEveryMs = 200;
// Nobody looks, so that only `todoku ledger` shows it: a campaign is called finished this long after its last message.
const finishEveryMs = 5_000;

type Follower = Following & {
  readonly tally: Tally;
  readonly ids: ReadonlySet<number>;
  readonly done: () => void;
};

/** Starts the engine that stays, in a world that is open. */
export function startStandingDelivery(world: World, parts: RunParts, watch: StandingWatch): StandingDelivery {
  const { store, clock, knowledge } = parts;
  const followers = new Set<Follower>();
  const stopping = new AbortController();
  const signal = AbortSignal.any([watch.signal, stopping.signal]);
  let engine: Engine | null = null;
  let changed = false;
  let finishedAtMs = clock.monotonic();
  const committed = (batch: readonly Settled[]): void => {
    changed = true;
    for (const { ids, tally } of followers)
      tally.add(batch.filter(({ campaignId }) => campaignId !== undefined && ids.has(campaignId)));
    watch.committed?.(batch);
  };
  const finish = (): void => {
    const nowMs = clock.monotonic();
    if (!changed || (followers.size === 0 && nowMs - finishedAtMs < finishEveryMs)) return;
    finishedAtMs = nowMs;
    try {
      store.campaigns.finishDone();
      changed = false;
    } catch (error) {
      // The engine tells of it, and the next look tries again.
      if (!(error instanceof StorageFull)) throw error;
    }
  };
  const look = (): void => {
    finish();
    for (const follower of followers) {
      follower.show(follower.tally.progress());
      if (follower.campaignIds.every((id) => store.campaigns.byId(id)?.state !== 'open')) follower.done();
    }
    timer = clock.after(lookEveryMs, look);
  };
  let timer = clock.after(lookEveryMs, look);
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
      timer.cancel();
      for (const follower of followers) follower.done();
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
    async follow(following) {
      const tally = new Tally(knowledge, clock, following.waiting);
      const { promise, resolve } = Promise.withResolvers<void>();
      const follower = { ...following, tally, ids: new Set(following.campaignIds), done: resolve };
      const startedMs = clock.monotonic();
      const cpuBefore = process.cpuUsage();
      followers.add(follower);
      changed = true;
      following.signal.addEventListener('abort', () => resolve(), { once: true });
      if (following.signal.aborted || signal.aborted) resolve();
      await promise;
      followers.delete(follower);
      following.show(tally.progress());
      const cpu = process.cpuUsage(cpuBefore);
      const seconds = (clock.monotonic() - startedMs) / 1000;
      return { seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6, unknown: tally.unknown };
    },
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
