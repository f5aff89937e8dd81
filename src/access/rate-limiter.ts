import type { Clock } from '../base/index.ts';

/** What a request may know of its limit, as RateLimit fields say it. */
export type RateAnswer = {
  readonly allowed: boolean;
  /** Requests a window. */
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Seconds until the next request is allowed, 0 when one is now. */
  readonly retryAfterSeconds: number;
  /** Seconds until the whole limit is there again. */
  readonly resetSeconds: number;
};

export interface RateLimiter {
  /** Takes `cost` requests from what `id` may do. */
  take(id: string, perMinute: number, cost?: number): RateAnswer;
}

const windowMs = 60_000;
// Ids are those of keys that exist; this is against a bug, not against use.
const mostIds = 100_000;

/**
 * The generic cell rate algorithm: one number an id, a minute's worth may come at once and then flows back evenly, so no
 * window has an edge at which twice the limit passes.
 */
export function createRateLimiter(clock: Pick<Clock, 'monotonic'>): RateLimiter {
  /** Until when what was taken has flowed back. */
  const usedUntil = new Map<string, number>();
  return {
    take(id, perMinute, cost = 1) {
      const nowMs = clock.monotonic();
      const eachMs = windowMs / perMinute;
      const usedMs = Math.max(usedUntil.get(id) ?? 0, nowMs);
      const afterMs = usedMs + eachMs * cost;
      const overMs = afterMs - nowMs - windowMs;
      const allowed = overMs <= 1e-6;
      const standsMs = allowed ? afterMs : usedMs;
      if (allowed) {
        if (usedUntil.size >= mostIds) forgetRested(usedUntil, nowMs);
        usedUntil.set(id, afterMs);
      }
      return {
        allowed,
        limit: perMinute,
        windowSeconds: windowMs / 1000,
        remaining: Math.max(0, Math.floor((windowMs - (standsMs - nowMs)) / eachMs + 1e-6)),
        retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil(overMs / 1000)),
        resetSeconds: Math.ceil((standsMs - nowMs) / 1000),
      };
    },
  };
}

function forgetRested(usedUntil: Map<string, number>, nowMs: number): void {
  for (const [id, untilMs] of usedUntil) if (untilMs <= nowMs) usedUntil.delete(id);
}
