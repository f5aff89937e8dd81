import type { Clock } from '../base/index.ts';
import type { EventFeed, FeedEvent } from './event-feed.ts';
import { eventPost } from './event-post.ts';
import { createLanes } from './lanes.ts';
import { mostRequests } from './post.ts';
import type { Post, Posted } from './post.ts';
import { createReader } from './reader.ts';
import { createRecord } from './record.ts';
import { createRest } from './rest.ts';
import { settleWith } from './settle.ts';
import type { Webhook, WebhookDelivery, WebhookProgress } from './webhook.ts';

export type CourierParts = {
  readonly webhook: Webhook;
  /** What was on the list when it began. */
  readonly waiting: readonly WebhookDelivery[];
  readonly events: EventFeed;
  readonly post: (request: Post) => Promise<Posted>;
  readonly clock: Clock;
  readonly random: () => number;
  /** false: somebody has changed or removed a webhook since; nothing more is sent by what was known then. */
  readonly isCurrent: () => boolean;
  /** There is something to put on record. */
  readonly onProgress: () => void;
  /** There is more to read, in a turn of its own. */
  readonly onMore: () => void;
  /** What is no answer of an endpoint: the store cannot be read. */
  readonly onTrouble: (error: unknown) => void;
  /** One of its requests has ended. */
  readonly onPosted: (posted: Posted, event: FeedEvent) => void;
};

/** Brings the events of the feed to one endpoint. */
export type Courier = {
  /** Goes on with what there is and what is due. */
  go(): void;
  /** What has happened since the last call; null: nothing. What it gives has to be put on record, sooner or later. */
  progress(): WebhookProgress | null;
  /** What `progress` gave is on record. */
  recorded(): void;
  /** Sends nothing more; requests under way end. */
  halt(): void;
  /** It was halted, nothing is under way, and everything is on record. */
  readonly isDone: boolean;
  /** When something falls due, while nothing else moves it; null: never. */
  readonly nextMs: number | null;
};

/**
 * Events that were handed over and are not on record: what a kill can repeat. Four times what is under way, so that
 * requests need not wait for the disk.
 */
export const mostUnrecorded = 4 * mostRequests;

export function createCourier(parts: CourierParts): Courier {
  const { webhook, clock } = parts;
  const lanes = createLanes();
  const rest = createRest(webhook.pause, parts.random);
  const record = createRecord(webhook.id, webhook.position);
  const reader = createReader({ ...parts, lanes, record });
  const settle = settleWith({ ...parts, lanes, rest, record });
  let inFlight = 0;
  let unrecorded = 0;
  /** Of them, those that `progress` gave. */
  let recording = 0;
  let halted = false;
  for (const delivery of parts.waiting) lanes.add(delivery);

  const send = async (delivery: WebhookDelivery, event: FeedEvent): Promise<void> => {
    inFlight += 1;
    const posted = await parts.post(eventPost(webhook, event, clock.now()));
    inFlight -= 1;
    parts.onPosted(posted, event);
    settle(delivery, posted);
    parts.onProgress();
    go();
  };

  const start = (delivery: WebhookDelivery): void => {
    const event = reader.eventOf(delivery);
    unrecorded += 1;
    if (event !== null) {
      send(delivery, event).catch(parts.onTrouble);
      return;
    }
    // Its message is no longer on record: there is nothing to tell.
    record.done(delivery.position);
    lanes.finished(delivery);
    parts.onProgress();
  };

  const go = (): void => {
    halted ||= !parts.isCurrent();
    while (!halted && unrecorded < mostUnrecorded && inFlight < rest.mostRequests(clock.now())) {
      const delivery = lanes.next(clock.now());
      if (delivery !== null) start(delivery);
      else if (!reader.read(mostUnrecorded - unrecorded)) return;
    }
  };

  return {
    go,
    progress() {
      recording = unrecorded - inFlight;
      return record.take();
    },
    recorded() {
      unrecorded -= recording;
      recording = 0;
      go();
    },
    halt() {
      halted = true;
    },
    get isDone() {
      return halted && unrecorded === 0;
    },
    get nextMs() {
      const nowMs = clock.now();
      const most = rest.mostRequests(nowMs);
      // What is under way, or on its way to the disk, goes on by itself.
      if (halted || unrecorded >= mostUnrecorded || (most > 0 && inFlight >= most)) return null;
      return rest.nextMs(lanes.nextDueMs, nowMs);
    },
  };
}
