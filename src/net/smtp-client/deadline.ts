import type { Clock, Timer } from '../../base/index.ts';

/**
 * One deadline that is moved with every reply, on at most one timer: moving it later costs a look at the clock, the
 * timer finds out when it fires. A timer per command would cost more than the command.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #expired: () => void;
  #dueMs = Number.POSITIVE_INFINITY;
  #firesMs = Number.POSITIVE_INFINITY;
  #timer: Timer | null = null;

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** Moves the deadline to `delayMs` from now. */
  arm(delayMs: number): void {
    this.#dueMs = this.#clock.monotonic() + delayMs;
    if (this.#timer === null || this.#dueMs < this.#firesMs) this.#schedule(delayMs);
  }

  /** Nothing is awaited; a timer that still runs will find nothing to do. */
  disarm(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  /** Stops for good. */
  cancel(): void {
    this.disarm();
    this.#timer?.cancel();
    this.#timer = null;
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel();
    this.#firesMs = this.#dueMs;
    this.#timer = this.#clock.after(delayMs, () => this.#fire());
  }

  #fire(): void {
    this.#timer = null;
    if (this.#dueMs === Number.POSITIVE_INFINITY) return;
    const leftMs = this.#dueMs - this.#clock.monotonic();
    if (leftMs > 0) {
      this.#schedule(leftMs);
      return;
    }
    this.disarm();
    this.#expired();
  }
}
