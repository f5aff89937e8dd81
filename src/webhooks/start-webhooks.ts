import { StorageFull } from '../base/index.ts';
import type { Bilingual, Clock } from '../base/index.ts';
import { createAlarm } from './alarm.ts';
import { createCourier } from './courier.ts';
import type { Courier } from './courier.ts';
import type { EventFeed, FeedEvent } from './event-feed.ts';
import type { Posted, Poster } from './post.ts';
import { createRecorder } from './recorder.ts';
import { createRound } from './round.ts';
import type { Webhook, WebhookStore } from './webhook.ts';

export type WebhooksParts = {
  readonly events: EventFeed;
  readonly store: WebhookStore;
  readonly poster: Poster;
  readonly clock: Clock;
  readonly random: () => number;
  readonly remark: (text: Bilingual) => void;
  /** A request has ended. */
  readonly onPosted: (posted: Posted, event: FeedEvent) => void;
};

export type RunningWebhooks = {
  /** Nothing new is sent; requests under way end within `graceMs`, and what they ended in is put on record. */
  stop(graceMs: number): Promise<void>;
};

// Many facts come together: one look at the feed for all of them.
const lookAfterMs = 10;
// A disk that is full or fails stays so until somebody clears up.
const afterTroubleMs = 10_000;
// Clocks are set: a time that is far off is looked at sooner.
const longestWaitMs = 60_000;

/** Brings events to all endpoints until it is stopped. */
export function startWebhooks(parts: WebhooksParts): RunningWebhooks {
  const { store, clock } = parts;
  let quietUntilMs = 0;
  let stopped: (() => void) | null = null;
  const alarm = createAlarm(clock, () => look());

  const recorder = createRecorder(parts, {
    steps: () => round.couriers().flatMap((courier) => courier.progress() ?? []),
    onRecorded() {
      for (const courier of round.couriers()) courier.recorded();
      look();
    },
  });

  const trouble = (error: unknown): void => {
    // A bug: nobody is above this but the process.
    if (!(error instanceof StorageFull)) return void clock.after(0, () => fail(error));
    parts.remark(error.text);
    round.spoil();
    quietUntilMs = clock.monotonic() + afterTroubleMs;
    alarm.within(afterTroubleMs);
  };

  const begin = (webhook: Webhook): Courier => {
    const begun = store.version;
    return createCourier({
      webhook,
      isCurrent: () => store.version === begun,
      waiting: store.waiting(webhook.id),
      events: parts.events,
      post: (request) => parts.poster.post(request),
      clock,
      random: parts.random,
      onProgress: () => recorder.soon(),
      onMore: () => alarm.within(0),
      onTrouble: trouble,
      onPosted: parts.onPosted,
    });
  };

  const round = createRound(store, begin);

  const waitForTime = (): void => {
    const nowMs = clock.now();
    for (const { nextMs } of round.couriers()) {
      if (nextMs !== null) alarm.within(Math.min(Math.max(0, nextMs - nowMs), longestWaitMs));
    }
  };

  const look = (): void => {
    if (clock.monotonic() < quietUntilMs && stopped === null) return;
    try {
      round.renew();
      for (const courier of round.couriers()) courier.go();
    } catch (error) {
      trouble(error);
    }
    if (round.isOver) stopped?.();
    else waitForTime();
  };

  const endNews = parts.events.onNews(() => alarm.within(lookAfterMs));
  alarm.within(0);

  return {
    async stop(graceMs) {
      endNews();
      round.end();
      const { promise: done, resolve } = Promise.withResolvers<void>();
      stopped = resolve;
      const timer = clock.after(graceMs, () => {
        parts.poster.stop();
        resolve();
      });
      recorder.now();
      look();
      await done;
      timer.cancel();
      recorder.now();
      recorder.stop();
      alarm.stop();
      parts.poster.stop();
    },
  };
}

function fail(error: unknown): never {
  throw error;
}
