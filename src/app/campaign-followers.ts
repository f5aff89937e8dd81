import { StorageFull } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { DeliveryProgress } from '../cli/index.ts';
import type { Settled } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
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

/** Calls campaigns finished when nothing of them waits, and shows those who follow them how far they are. */
export type CampaignFollowers = {
  /** These are durable now. */
  committed(batch: readonly Settled[]): void;
  /** Until none of the campaigns is open any more, its signal aborts, or `stop`. */
  follow(following: Following): Promise<Followed>;
  /** Ends all following. */
  stop(): void;
};

type Parts = {
  readonly campaigns: Pick<Store['campaigns'], 'byId' | 'finishDone'>;
  readonly knowledge: Knowledge;
  readonly clock: Clock;
};

type Follower = Following & {
  readonly tally: Tally;
  readonly ids: ReadonlySet<number>;
  readonly done: () => void;
};

// A person who follows a campaign sees its end this soon; asking costs 20 µs a campaign that is open.
const lookEveryMs = 200;
// Nobody looks, so that only `todoku ledger` shows it: a campaign is called finished this long after its last message.
const finishEveryMs = 5_000;

export function createCampaignFollowers({ campaigns, knowledge, clock }: Parts): CampaignFollowers {
  const followers = new Set<Follower>();
  let stopped = false;
  let changed = false;
  let finishedAtMs = clock.monotonic();
  const finish = (): void => {
    const nowMs = clock.monotonic();
    if (!changed || (followers.size === 0 && nowMs - finishedAtMs < finishEveryMs)) return;
    finishedAtMs = nowMs;
    try {
      campaigns.finishDone();
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
      if (follower.campaignIds.every((id) => campaigns.byId(id)?.state !== 'open')) follower.done();
    }
    timer = clock.after(lookEveryMs, look);
  };
  let timer = clock.after(lookEveryMs, look);
  return {
    committed(batch) {
      changed = true;
      for (const { ids, tally } of followers)
        tally.add(batch.filter(({ campaignId }) => campaignId !== undefined && ids.has(campaignId)));
    },
    async follow(following) {
      const tally = new Tally(knowledge, clock, following.waiting);
      const { promise, resolve } = Promise.withResolvers<void>();
      const follower = { ...following, tally, ids: new Set(following.campaignIds), done: resolve };
      const measure = startMeasure(clock);
      followers.add(follower);
      // What they wait for may have come to its end before.
      changed = true;
      following.signal.addEventListener('abort', () => resolve(), { once: true });
      if (following.signal.aborted || stopped) resolve();
      await promise;
      followers.delete(follower);
      following.show(tally.progress());
      return { ...measure(), unknown: tally.unknown };
    },
    stop() {
      stopped = true;
      timer.cancel();
      for (const follower of followers) follower.done();
    },
  };
}

function startMeasure(clock: Clock): () => Omit<Followed, 'unknown'> {
  const startedMs = clock.monotonic();
  const before = process.cpuUsage();
  return () => {
    const cpu = process.cpuUsage(before);
    const seconds = (clock.monotonic() - startedMs) / 1000;
    return { seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
  };
}
