import { randomBytes } from 'node:crypto';
import { eventRoutes, webhookRoutes } from '../http/index.ts';
import type { RouteGroup } from '../http/index.ts';
import { createResolver } from '../net/dns/index.ts';
import { createAddressGuard, createEventStreams, createPoster, startWebhooks } from '../webhooks/index.ts';
import type { Post } from '../webhooks/index.ts';
import type { Door, ServeParts } from './serve-parts.ts';

export type WebhooksDoorParts = Pick<
  ServeParts,
  'config' | 'store' | 'clock' | 'random' | 'events' | 'metrics' | 'remark'
> & {
  /** Name servers in the resolver's form. */
  readonly dnsServers: readonly string[];
};

export type OpenWebhooks = {
  readonly door: Door;
  /** `/v1/events`, `/v1/events/stream`, `/v1/webhooks`. */
  readonly groups: readonly RouteGroup[];
};

// A request waits 15 s in all; a name server that needs more is not worth it.
const dnsPatience = { timeoutMs: 3_000, attempts: 2 };

/** Events out: begins to tell the endpoints, and gives what the HTTP API needs to speak of events and webhooks. */
export function openWebhooks(parts: WebhooksDoorParts): OpenWebhooks {
  const { config, store, clock, random, events, metrics } = parts;
  const resolver = createResolver({ ...dnsPatience, servers: parts.dnsServers, clock });
  const guard = createAddressGuard(config.webhooks.allowPrivate);
  const poster = createPoster({ resolver, clock, guard, context: null });
  const streams = createEventStreams(events, clock);
  const running = startWebhooks({
    events,
    store: store.webhooks,
    poster,
    clock,
    random,
    remark: parts.remark,
    onPosted: ({ ok }) => metrics.count('todoku_webhook_posts_total', { outcome: ok ? 'taken' : 'failed' }),
  });
  const webhookParts = {
    store: store.webhooks,
    events,
    guard,
    post: (request: Post) => poster.post(request),
    clock,
    random,
    randomBytes,
  };
  return {
    door: {
      name: 'webhooks',
      places: [],
      async stop(graceMs) {
        streams.stop();
        await running.stop(graceMs);
        resolver.close();
      },
    },
    groups: [(api) => eventRoutes(api, { events, streams }), (api) => webhookRoutes(api, webhookParts)],
  };
}
