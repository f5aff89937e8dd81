import { randomBytes } from 'node:crypto';
import { AppError } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { WebhookCommands } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import { createResolver } from '../net/dns/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import {
  createAddressGuard,
  createPoster,
  makeWebhook,
  newWebhookSecret,
  rotateSecrets,
  testPost,
  webhookFaults,
} from '../webhooks/index.ts';
import type { Posted, Webhook } from '../webhooks/index.ts';
import { dnsServers } from './delivery-engine.ts';

type ActionParts = { readonly store: Store };

/** What `todoku webhook …` changes in the store, here or by the process that serves (store-actions.ts). */
export const webhookStoreActions = {
  'webhook add'(
    { store }: ActionParts,
    { webhook, sinceMs }: { readonly webhook: Webhook; readonly sinceMs: number | null },
  ): null {
    const position = sinceMs === null ? store.events.head() : store.events.since(sinceMs);
    store.webhooks.add({ ...webhook, position });
    return null;
  },
  'webhook remove'({ store }: ActionParts, id: string): boolean {
    return store.webhooks.remove(id);
  },
  'webhook rotate'(
    { store }: ActionParts,
    { id, secret, untilMs }: { readonly id: string; readonly secret: string; readonly untilMs: number },
  ): boolean {
    const found = store.webhooks.find(id);
    if (found === null) return false;
    return store.webhooks.change(id, { secrets: rotateSecrets(found.secrets, secret, untilMs) });
  },
  'webhook replay'(
    { store }: ActionParts,
    { id, sinceMs }: { readonly id: string; readonly sinceMs: number | null },
  ): { readonly revived: number } | null {
    if (store.webhooks.find(id) === null) return null;
    if (sinceMs === null) return { revived: store.webhooks.revive(id) };
    store.webhooks.rewind(id, store.events.since(sinceMs));
    return { revived: 0 };
  },
  'webhook resume'({ store }: ActionParts, id: string): boolean | null {
    return store.webhooks.find(id) === null ? null : store.webhooks.resume(id);
  },
} as const;

type Actions = typeof webhookStoreActions;

export type WebhookCommandParts = {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: () => number;
  /** null: nothing was ever stored here. */
  readonly read: () => Store | null;
  readonly act: <Name extends keyof Actions>(
    name: Name,
    input: Parameters<Actions[Name]>[1],
    create: boolean,
  ) => Promise<ReturnType<Actions[Name]>>;
};

/** `todoku webhook …` */
export function webhookCommands(parts: WebhookCommandParts): WebhookCommands {
  const { config, clock, random, act } = parts;
  const guard = createAddressGuard(config.webhooks.allowPrivate);
  return {
    async add({ sinceMs, ...request }) {
      const [fault] = webhookFaults(request, guard);
      if (fault !== undefined) throw unusable(fault.field, fault.text);
      // Where it begins is told by whoever writes.
      const position = { seq: 0, within: null };
      const making = { nowMs: clock.now(), random, randomBytes, position, owner: null };
      const webhook = makeWebhook(request, making);
      await act('webhook add', { webhook, sinceMs }, true);
      return webhook;
    },
    list() {
      const store = parts.read()?.webhooks;
      return (store?.list() ?? []).map((webhook) => ({ ...webhook, ...store?.counts(webhook.id) }));
    },
    async test(id) {
      const found = parts.read()?.webhooks.find(id) ?? null;
      return found === null ? null : await postOnce(found, { config, clock });
    },
    remove: async (id) => await act('webhook remove', id, false),
    async rotate(id, overlapMs) {
      const secret = newWebhookSecret(randomBytes);
      const untilMs = clock.now() + overlapMs;
      return (await act('webhook rotate', { id, secret, untilMs }, false)) ? secret : null;
    },
    replay: async (id, sinceMs) => await act('webhook replay', { id, sinceMs }, false),
    resume: async (id) => await act('webhook resume', id, false),
  };
}

async function postOnce(
  webhook: Webhook,
  { config, clock }: Pick<WebhookCommandParts, 'config' | 'clock'>,
): Promise<Posted> {
  const guard = createAddressGuard(config.webhooks.allowPrivate);
  const resolver = createResolver({ timeoutMs: 3_000, attempts: 2, servers: dnsServers(config), clock });
  const poster = createPoster({ resolver, clock, guard, context: null });
  try {
    return await poster.post(testPost(webhook, clock.now()));
  } finally {
    poster.stop();
    resolver.close();
  }
}

function unusable(field: string, text: AppError['text']): AppError {
  return new AppError({
    code: 'webhook-unusable',
    message: {
      ja: `Webhook の ${field} が使えません: ${text.ja}`,
      en: `the ${field} cannot be used: ${text.en}`,
    },
    hint: {
      ja: '例: todoku webhook add https://app.example.jp/todoku --type message.bounced',
      en: 'for example: todoku webhook add https://app.example.com/todoku --type message.bounced',
    },
  });
}
