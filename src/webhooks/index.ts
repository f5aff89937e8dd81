export { eventDocument } from './event-document.ts';
export type { EventDocument } from './event-document.ts';
export type { EventFacts, EventFeed, EventFilter, EventPage, FeedEvent } from './event-feed.ts';
export { eventTypes, isEventType } from './event-type.ts';
export type { EventType } from './event-type.ts';
export { beginning, comparePositions, parsePosition, positionText } from './position.ts';
export type { Position } from './position.ts';
export type {
  TakenEvents,
  Webhook,
  WebhookCounts,
  WebhookDelivery,
  WebhookPause,
  WebhookProgress,
  WebhookSecret,
  WebhookStore,
} from './webhook.ts';
export { createAddressGuard } from './address-guard.ts';
export type { AddressGuard } from './address-guard.ts';
export { testPost } from './event-post.ts';
export { createPoster } from './post.ts';
export type { Post, Posted, Poster } from './post.ts';
export { isWebhookSecret, newWebhookSecret, rotateSecrets, validSecrets } from './signature.ts';
export { startWebhooks } from './start-webhooks.ts';
export type { RunningWebhooks, WebhooksParts } from './start-webhooks.ts';
export { createEventStreams } from './event-streams.ts';
export type { EventStreams, StreamRequest } from './event-streams.ts';
export { makeWebhook, webhookFaults } from './make-webhook.ts';
export type { WebhookFault, WebhookMaking, WebhookRequest } from './make-webhook.ts';
