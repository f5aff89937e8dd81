import type { Clock } from '../base/index.ts';

// How long a site's "too many connections" is believed before one more is tried; each time in vain twice as long.
const firstBeliefMs = 60_000;
const longestBeliefMs = 3_600_000;
// What is under way when a site says for the first time that it is too fast is refused together, a message a session; some block
// who is refused twenty times. So nobody gets more sessions than this at first, and one more for each so many messages.
export const trustedAtFirst = 8;
const takenForOneMore = 8;
// One more worked: how long until the next.
const stepMs = 5_000;

/**
 * How many sessions a path may have: one until the first message is through, then doubling with each that works
 * (a site that takes one connection may not take twenty), never above the configured most, and no more than were
 * open when the site said "too many". After a while one more is tried, and so on while they work.
 */
export class SessionCount {
  readonly #clock: Clock;
  readonly #scale: number;
  #share: number;
  #bound = Infinity;
  #proven = 0;
  #taken = 0;
  /** null: the site never said "too many". */
  #cap: number | null = null;
  #capUntilMs = 0;
  #beliefMs = firstBeliefMs;

  constructor(clock: Clock, most: number, timeScale = 1) {
    this.#clock = clock;
    this.#scale = timeScale;
    this.#share = most;
  }

  get most(): number {
    return Math.min(this.#share, this.#bound);
  }

  /** What the site was found to take; null: more than was ever open. */
  get learnt(): number | null {
    return this.#cap;
  }

  /** Sets how many there may be of those that all carriers share. */
  limit(share: number): void {
    this.#share = share;
  }

  /** Sets the most that the limits of the path allow. */
  bound(most: number): void {
    this.#bound = most;
  }

  /** Goes on with what was learnt before. */
  restore(cap: number): void {
    this.#cap = Math.max(1, cap);
    this.#capUntilMs = this.#clock.monotonic() + firstBeliefMs / this.#scale;
    this.#proven = this.#cap;
  }

  get allowed(): number {
    const trusted = Math.max(trustedAtFirst, Math.floor(this.#taken / takenForOneMore));
    const grown = Math.min(this.most, 2 * this.#proven + 1, trusted);
    if (this.#cap === null) return grown;
    return Math.min(grown, this.#clock.monotonic() < this.#capUntilMs ? this.#cap : this.#cap + 1);
  }

  /** The site took a message. */
  took(): void {
    this.#taken++;
  }

  /** A session got its first message through, while `open` were open. */
  worked(open: number): void {
    this.#proven = Math.min(this.#proven + 1, this.most);
    if (this.#cap === null || open <= this.#cap) return;
    this.#cap = open;
    this.#capUntilMs = this.#clock.monotonic() + stepMs / this.#scale;
    this.#beliefMs = firstBeliefMs;
  }

  /** The site refused one more while `open` were open. */
  tooMany(open: number): void {
    const cap = Math.max(1, open);
    const nowMs = this.#clock.monotonic();
    // Several that were dialled together are one refusal.
    if (this.#cap !== null && nowMs < this.#capUntilMs) {
      this.#cap = Math.min(this.#cap, cap);
      return;
    }
    this.#beliefMs = cap === this.#cap ? Math.min(longestBeliefMs, 2 * this.#beliefMs) : firstBeliefMs;
    this.#cap = cap;
    this.#capUntilMs = nowMs + this.#beliefMs / this.#scale;
  }
}
