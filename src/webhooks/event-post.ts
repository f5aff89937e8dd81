import { eventDocument } from './event-document.ts';
import type { FeedEvent } from './event-feed.ts';
import type { Post } from './post.ts';
import { positionText } from './position.ts';
import { signatureHeader } from './signature.ts';
import type { Webhook } from './webhook.ts';

/** The request that tells an endpoint of an event. Its id is the event's: the same at every attempt. */
export function eventPost(webhook: Webhook, event: FeedEvent, nowMs: number): Post {
  return signedPost(webhook, { id: positionText(event.position), document: eventDocument(event) }, nowMs);
}

/** The request with which somebody asks whether an endpoint listens. */
export function testPost(webhook: Webhook, nowMs: number): Post {
  const document = {
    type: 'webhook.test',
    timestamp: new Date(nowMs).toISOString(),
    data: { webhook: webhook.id },
  };
  return signedPost(webhook, { id: `test-${nowMs.toString(36)}`, document }, nowMs);
}

type Told = { readonly id: string; readonly document: object };

/** Standard Webhooks, "Webhook headers". */
function signedPost({ url, secrets }: Webhook, { id, document }: Told, nowMs: number): Post {
  const body = JSON.stringify(document);
  const timestamp = Math.floor(nowMs / 1000);
  return {
    url,
    body,
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'Todoku',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatureHeader(secrets, { id, timestamp, body }, nowMs),
    },
  };
}
