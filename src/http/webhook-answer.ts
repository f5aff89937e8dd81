import type { Clock } from '../base/index.ts';
import { positionText, validSecrets } from '../webhooks/index.ts';
import type { Webhook, WebhookDelivery, WebhookStore } from '../webhooks/index.ts';

/** A webhook as the API shows it: without its secrets. */
export function webhookAnswer(
  { store, clock }: { readonly store: WebhookStore; readonly clock: Clock },
  webhook: Webhook,
): Readonly<Record<string, unknown>> {
  const { pause } = webhook;
  const { waiting, dead } = store.counts(webhook.id);
  return {
    id: webhook.id,
    url: webhook.url,
    description: webhook.description,
    types: webhook.types,
    domains: webhook.domains,
    createdAt: iso(webhook.createdMs),
    state: pause === null ? 'active' : 'paused',
    because: pause?.because ?? null,
    until: isoOrNull(pause?.untilMs ?? null),
    said: pause?.said ?? null,
    position: positionText(webhook.position),
    waiting,
    dead,
    secretsUntil: validSecrets(webhook.secrets, clock.now()).map(({ untilMs }) => isoOrNull(untilMs)),
  };
}

/** An event that was given up. */
export function deadAnswer(delivery: WebhookDelivery): Readonly<Record<string, unknown>> {
  const { position, attempts, firstMs, dueMs, said } = delivery;
  return { event: positionText(position), attempts, firstAt: isoOrNull(firstMs), lastAt: iso(dueMs), said };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
