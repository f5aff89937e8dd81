import type { EventFeed, EventFilter, FeedEvent } from './event-feed.ts';
import type { Lanes } from './lanes.ts';
import { comparePositions } from './position.ts';
import type { Record } from './record.ts';
import type { Webhook, WebhookDelivery } from './webhook.ts';

export type ReaderParts = {
  readonly webhook: Webhook;
  readonly events: EventFeed;
  readonly lanes: Lanes;
  readonly record: Record;
  readonly onProgress: () => void;
  readonly onMore: () => void;
};

/** Reads what one endpoint wants of the feed. */
export type Reader = {
  /** Puts at most so many into the lanes; false: none was found, or there is no room for one. */
  read(most: number): boolean;
  /** The event of a delivery; null: it is no longer on record. */
  eventOf(delivery: WebhookDelivery): FeedEvent | null;
};

// Events on their way to an endpoint that takes none: enough to fill it when it is back, little to hold in memory. All
// that is behind them waits in the feed, where it lies anyway.
const mostWaiting = 10_000;
// What the filter leaves out is passed again after a crash, which is cheaper than a record of every step.
const pagesBetweenRecords = 20;

export function createReader(parts: ReaderParts): Reader {
  const { webhook, events, lanes, record } = parts;
  const filter: EventFilter = { domains: webhook.domains, types: webhook.types };
  let emptyPages = 0;
  /** What was just read need not be looked up again: 20 µs. */
  const known = new WeakMap<WebhookDelivery, FeedEvent>();
  const deliveryOf = (event: FeedEvent): WebhookDelivery => {
    const { position, messageId } = event;
    const delivery = { position, messageId, attempts: 0, firstMs: null, dueMs: 0, said: '' };
    known.set(delivery, event);
    return delivery;
  };
  return {
    eventOf: (delivery) => known.get(delivery) ?? events.find(delivery.position),
    read(most) {
      const room = Math.min(most, mostWaiting - lanes.waiting);
      if (room <= 0 || comparePositions(record.position, events.head()) >= 0) return false;
      const page = events.page(filter, record.position, room);
      const deliveries = page.events.map(deliveryOf);
      record.took(deliveries, page.last);
      for (const delivery of deliveries) lanes.add(delivery);
      if (deliveries.length > 0) {
        emptyPages = 0;
        parts.onProgress();
        return true;
      }
      emptyPages += 1;
      if (emptyPages % pagesBetweenRecords === 0) parts.onProgress();
      if (page.more) parts.onMore();
      return false;
    },
  };
}
