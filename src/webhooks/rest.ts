import type { Posted } from './post.ts';
import { mostRequests } from './post.ts';
import { failuresBeforePause, gonePauseMs, longestAskedMs, pauseMs } from './retry-times.ts';
import type { WebhookPause } from './webhook.ts';

/** Lets an endpoint rest that refuses everything, is gone, or asks for it; then it is tried with one event at a time. */
export type Rest = {
  /** What an answer changes: a pause that begins or grows, `'none'` for one that ended, null for nothing. */
  heard(posted: Posted, nowMs: number): WebhookPause | 'none' | null;
  /** Requests at a time. */
  mostRequests(nowMs: number): number;
  /** When there is something to do; `dueMs`: when the next event falls due. */
  nextMs(dueMs: number | null, nowMs: number): number | null;
};

export function createRest(known: WebhookPause | null, random: () => number): Rest {
  let pause = known;
  let failures = 0;

  const begin = (
    because: WebhookPause['because'],
    { said }: Posted,
    { nowMs, lengthMs }: { readonly nowMs: number; readonly lengthMs: number },
  ): WebhookPause => {
    const times = (pause?.times ?? 0) + 1;
    pause = { because, said, sinceMs: pause?.sinceMs ?? nowMs, untilMs: nowMs + lengthMs, times };
    return pause;
  };

  return {
    heard(posted, nowMs) {
      if (posted.ok) {
        failures = 0;
        const ended = pause !== null;
        pause = null;
        return ended ? 'none' : null;
      }
      failures += 1;
      // Requests that were under way when it began say nothing new.
      if (pause !== null && nowMs < pause.untilMs) return null;
      if (posted.status === 410) return begin('endpoint-gone', posted, { nowMs, lengthMs: gonePauseMs });
      const asks = posted.status === 429 || posted.status === 503;
      if (asks && posted.askedWaitMs !== null) {
        const lengthMs = Math.min(posted.askedWaitMs, longestAskedMs);
        return begin('asked-to-wait', posted, { nowMs, lengthMs });
      }
      if (pause === null && failures < failuresBeforePause) return null;
      const lengthMs = pauseMs((pause?.times ?? 0) + 1, random());
      return begin('endpoint-failing', posted, { nowMs, lengthMs });
    },
    mostRequests(nowMs) {
      if (pause === null) return mostRequests;
      return nowMs < pause.untilMs ? 0 : 1;
    },
    nextMs(dueMs, nowMs) {
      return pause !== null && nowMs < pause.untilMs ? pause.untilMs : dueMs;
    },
  };
}
