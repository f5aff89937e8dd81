import type { Clock } from '../base/index.ts';

// How long a site's "too many connections" is believed before one more is tried.
const believeMs = 60_000;

/**
 * How many sessions a path may have: one until the first message is through, then doubling with each that works
 * (a site that takes one connection may not take twenty), never above the configured most, and no more than were
 * open when the site said "too many" for a minute after it said so.
 */
export class SessionCount {
  readonly #clock: Clock;
  #most: number;
  #proven = 0;
  #cap: number;
  #capUntilMs = 0;

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
    this.#cap = most;
  }

  get most(): number {
    return this.#most;
  }

  /** Sets the most that may ever be. */
  limit(most: number): void {
    this.#most = most;
  }

  get allowed(): number {
    const cap = this.#clock.monotonic() < this.#capUntilMs ? this.#cap : this.#most;
    return Math.min(cap, this.#most, 2 * this.#proven + 1);
  }

  /** A session got its first message through. */
  worked(): void {
    this.#proven = Math.min(this.#proven + 1, this.#most);
  }

  /** The site refused one more while `open` were open. */
  tooMany(open: number): void {
    this.#cap = Math.max(1, open);
    this.#capUntilMs = this.#clock.monotonic() + believeMs;
  }
}
