import type { EventType } from './event-type.ts';
import type { EventFacts, FeedEvent } from './event-feed.ts';
import { positionText } from './position.ts';

/** An event as applications get it, from `/v1/events`, the stream and webhooks alike (Standard Webhooks, "Payload structure"). */
export type EventDocument = {
  readonly type: EventType;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly data: {
    /** The event's id and cursor; the `webhook-id` header. */
    readonly event: string;
    readonly message: string;
    readonly mail: string | null;
    readonly campaign: string | null;
    readonly domain: string;
    readonly recipient: string;
    readonly subject: string | null;
    readonly tags: readonly string[];
    readonly metadata: Readonly<Record<string, string>>;
    readonly reason: EventFacts | null;
  };
};

export function eventDocument(event: FeedEvent): EventDocument {
  return {
    type: event.type,
    timestamp: new Date(event.atMs).toISOString(),
    data: {
      event: positionText(event.position),
      message: event.message,
      mail: event.mail,
      campaign: event.campaign,
      domain: event.domain,
      recipient: event.recipient,
      subject: event.subject,
      tags: event.tags,
      metadata: event.metadata,
      reason: event.facts,
    },
  };
}
