export { eventDocument } from './event-document.ts';
export type { EventDocument } from './event-document.ts';
export type { EventFacts, EventFeed, EventFilter, EventPage, FeedEvent } from './event-feed.ts';
export { eventTypes, isEventType } from './event-type.ts';
export type { EventType } from './event-type.ts';
export { beginning, comparePositions, parsePosition, positionText } from './position.ts';
export type { Position } from './position.ts';
export type {
  Webhook,
  WebhookCounts,
  WebhookDelivery,
  WebhookPause,
  WebhookProgress,
  WebhookSecret,
  WebhookStore,
} from './webhook.ts';
