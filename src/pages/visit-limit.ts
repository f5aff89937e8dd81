import type { Clock } from '../base/index.ts';

/** How often one link, or one client, may ask. */
export type VisitLimit = {
  /** Seconds to wait; 0: go on. */
  wait(visitor: string, perMinute: number): number;
};

const minuteMs = 60_000;
// 100 bytes each. Beyond it all are forgotten: whoever has so many addresses is not held up by a limit for each.
const mostVisitors = 50_000;

/** Each visitor's minute's worth may come at once and flows back evenly. */
export function createVisitLimit(clock: Pick<Clock, 'monotonic'>): VisitLimit {
  const usedUntilMs = new Map<string, number>();
  return {
    wait(visitor, perMinute) {
      const nowMs = clock.monotonic();
      const eachMs = minuteMs / perMinute;
      const afterMs = Math.max(usedUntilMs.get(visitor) ?? 0, nowMs) + eachMs;
      const overMs = afterMs - nowMs - minuteMs;
      if (overMs > 1e-6) return Math.max(1, Math.ceil(overMs / 1000));
      if (usedUntilMs.size >= mostVisitors) usedUntilMs.clear();
      usedUntilMs.set(visitor, afterMs);
      return 0;
    },
  };
}
