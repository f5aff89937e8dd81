const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How long an event is tried at an endpoint that does not take it: a weekend and a Monday. */
export const giveUpAfterMs = 72 * hour;

// 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 5.7 h, then every 8 h: a deployment is over at the second or third, and some
// fifteen requests in all are no burden to anybody.
const firstMs = 5 * second;
const longestMs = 8 * hour;
const factor = 4;
// Endpoints that fell over together must not be called together.
const jitter = 0.2;

/** When an event is tried again that has failed `attempts` times; null: it is given up. `random` in [0, 1). */
export function nextTryMs(
  failed: { readonly attempts: number; readonly firstMs: number },
  nowMs: number,
  random: number,
): number | null {
  const endMs = failed.firstMs + giveUpAfterMs;
  if (nowMs >= endMs) return null;
  const delayMs = Math.min(longestMs, firstMs * factor ** Math.min(failed.attempts - 1, 10));
  // The last try falls on the end, not after it.
  return Math.min(endMs, Math.round(nowMs + delayMs * (1 - jitter + 2 * jitter * random)));
}

// An endpoint that refuses everything is left alone for a while, and then asked with one event.
const firstPauseMs = 10 * second;
const longestPauseMs = hour;

/** How long an endpoint rests that has failed `times` times in a row to get well. */
export function pauseMs(times: number, random: number): number {
  const lengthMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(times - 1, 20));
  return Math.round(lengthMs * (1 - jitter + 2 * jitter * random));
}

/** 410: nobody is there any more (Standard Webhooks, "Deliverability and reliability"). Asked once a day. */
export const gonePauseMs = 24 * hour;
/** Retry-After beyond this is not believed. */
export const longestAskedMs = hour;
/** Failures in a row, with no success between them, after which the endpoint rests. */
export const failuresBeforePause = 20;
