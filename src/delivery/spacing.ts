// A timer fires a millisecond or two late, and a turn of the event loop takes some: so much is made up for. At 50/s it is
// one message, at 1,000/s twenty.
const toleranceMs = 20;

/** Spreads what is sent evenly at a rate: bursts are what receivers take for too fast. */
export class Spacing {
  /** When the next one is due, in `monotonic` time. */
  #nextMs = Number.NEGATIVE_INFINITY;

  /** Milliseconds until the next may start. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#nextMs - nowMs);
  }

  started(nowMs: number, perSecond: number): void {
    const gapMs = 1_000 / perSecond;
    this.#nextMs = Math.max(this.#nextMs, nowMs - Math.min(toleranceMs, gapMs)) + gapMs;
  }
}
