import { anyHours } from '../../src/delivery/sending-hours.ts';
import type { SendingHours } from '../../src/delivery/sending-hours.ts';
import { isKnownWait, waitOf } from '../../src/delivery/why-waiting.ts';
import type { Store } from '../../src/storage/sqlite/index.ts';

export type WaitingWatch = {
  /** Looks at everything that waits now. */
  look(nowMs: number): void;
  /** Reasons seen so far, with how often. */
  readonly reasons: ReadonlyMap<string, number>;
  /** What waited without a reason that people can be told, or without an end ahead. */
  readonly faults: readonly string[];
};

/** The invariant: whatever has not reached its end says why, and until when. Watches a store while something works in it. */
export function watchWaiting(
  store: Pick<Store, 'delivery' | 'campaigns' | 'why'>,
  hours: SendingHours = anyHours,
): WaitingWatch {
  const reasons = new Map<string, number>();
  const faults: string[] = [];
  return {
    reasons,
    faults,
    look(nowMs) {
      for (let page = store.delivery.queuedPage(0, 500), last = 0; page.length > 0;) {
        for (const { id, campaignId } of page) {
          last = id;
          const campaign = store.campaigns.byId(campaignId)?.name ?? '';
          const message = store.why.messageByKey(campaign, id);
          if (message === null) {
            faults.push(`message ${id} of ${campaign} is not known to why`);
            continue;
          }
          const wait = waitOf(message, { store: store.why, hours, nowMs, working: true });
          reasons.set(wait.because, (reasons.get(wait.because) ?? 0) + 1);
          const isAhead =
            Number.isFinite(wait.untilMs) && (wait.untilMs >= nowMs || message.expiresMs < nowMs);
          if (!isKnownWait(wait.because) || !isAhead)
            faults.push(
              `${message.address} waits because of ${wait.because} until ${wait.untilMs}, now ${nowMs}`,
            );
        }
        page = store.delivery.queuedPage(last, 500);
      }
    },
  };
}
