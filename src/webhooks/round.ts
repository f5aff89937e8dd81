import type { Courier } from './courier.ts';
import type { Webhook, WebhookStore } from './webhook.ts';

/** The couriers of all endpoints: after somebody changed something each begins anew, from what is on record. */
export type Round = {
  couriers(): readonly Courier[];
  /** Looks whether something was changed, and replaces those that have ended their work. */
  renew(): void;
  /** What the couriers know is not to be relied on. */
  spoil(): void;
  /** None begins any more. */
  end(): void;
  /** It was ended, and all have ended their work. */
  readonly isOver: boolean;
};

export function createRound(
  store: Pick<WebhookStore, 'list' | 'version'>,
  begin: (webhook: Webhook) => Courier,
): Round {
  /** By webhook; one that still ends its requests is in the place of its successor. */
  const couriers = new Map<string, Courier>();
  let version = -1;
  let ended = false;

  const halt = (): void => couriers.forEach((courier) => courier.halt());

  return {
    couriers: () => [...couriers.values()],
    renew() {
      const isChanged = !ended && version !== store.version;
      if (isChanged) {
        version = store.version;
        halt();
      }
      const done = [...couriers].filter(([, { isDone }]) => isDone);
      for (const [id] of done) couriers.delete(id);
      if (ended || (!isChanged && done.length === 0)) return;
      for (const webhook of store.list()) {
        if (!couriers.has(webhook.id)) couriers.set(webhook.id, begin(webhook));
      }
    },
    spoil() {
      version = -1;
    },
    end() {
      ended = true;
      halt();
    },
    get isOver() {
      return ended && couriers.size === 0;
    },
  };
}
