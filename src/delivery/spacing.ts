// A timer fires a millisecond or two late, and a turn of the event loop takes some: so much is made up for. At 1,000/s it is
// twenty messages, at 50/s one; at 10/s it is 4 ms, since there two at once are twice the pace of a tenth of a second.
const toleranceMs = 20;
const toleranceMsSquared = toleranceMs ** 2;

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
    this.#nextMs = Math.max(this.#nextMs, nowMs - Math.min(toleranceMs, toleranceMsSquared / gapMs)) + gapMs;
  }
}
