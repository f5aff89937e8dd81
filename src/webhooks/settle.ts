import type { Clock } from '../base/index.ts';
import type { Lanes } from './lanes.ts';
import type { Posted } from './post.ts';
import type { Record } from './record.ts';
import type { Rest } from './rest.ts';
import { nextTryMs } from './retry-times.ts';
import type { WebhookDelivery } from './webhook.ts';

export type SettleParts = {
  readonly lanes: Lanes;
  readonly rest: Rest;
  readonly record: Record;
  readonly clock: Clock;
  readonly random: () => number;
};

/** What becomes of an event and of its endpoint after an answer, or none. */
export function settleWith(parts: SettleParts): (delivery: WebhookDelivery, posted: Posted) => void {
  const { lanes, rest, record, clock, random } = parts;
  return (delivery, posted) => {
    const nowMs = clock.now();
    const pause = rest.heard(posted, nowMs);
    if (pause !== null) record.paused(pause);
    if (posted.ok) {
      record.done(delivery.position);
      lanes.finished(delivery);
      // It is back: what waits for its hour need not.
      if (pause === 'none') lanes.hasten(nowMs);
      return;
    }
    const firstMs = delivery.firstMs ?? nowMs;
    const failed = { ...delivery, attempts: delivery.attempts + 1, firstMs, said: posted.said };
    const dueMs = nextTryMs(failed, nowMs, random());
    if (dueMs === null) {
      record.dead({ ...failed, dueMs: nowMs });
      lanes.finished(delivery);
    } else {
      record.later({ ...failed, dueMs });
      lanes.again({ ...failed, dueMs });
    }
  };
}
