import type { Clock, Timer } from '../base/index.ts';

/** One timer for many who want to be called: the earliest counts. */
export type Alarm = {
  /** Calls within that time. */
  within(delayMs: number): void;
  stop(): void;
};

export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let timer: Timer | null = null;
  let atMs = 0;
  let stopped = false;
  return {
    within(delayMs) {
      const wantedMs = clock.monotonic() + delayMs;
      if (stopped || (timer !== null && atMs <= wantedMs)) return;
      timer?.cancel();
      atMs = wantedMs;
      timer = clock.after(delayMs, () => {
        timer = null;
        ring();
      });
    },
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
