/** A running timer; `cancel` may be called any number of times. */
export interface Timer {
  cancel(): void;
}

/** The only source of time. `now` may step (NTP, an administrator); `monotonic` never goes backwards. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Milliseconds from an arbitrary start, never decreasing: for durations and deadlines. */
  monotonic(): number;
  /** Calls `action` once after `delayMs`. */
  after(delayMs: number, action: () => void): Timer;
}

// setTimeout holds its delay in a signed 32-bit integer; a longer one would fire at once.
const longestDelayMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, action) {
    const handle = setTimeout(action, Math.min(Math.max(0, delayMs), longestDelayMs));
    return { cancel: () => clearTimeout(handle) };
  },
};
