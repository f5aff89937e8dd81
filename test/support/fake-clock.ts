import type { Clock, Timer } from '../../src/base/index.ts';

type Pending = { dueMs: number; order: number; action: () => void };

/** A clock that stands still until `advance` is called; timers fire in order of their due time. */
export class FakeClock implements Clock {
  #nowMs: number;
  /** How far `now` has been set off from the time that passes. */
  #offsetMs = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs + this.#offsetMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const pending = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, action };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  /** Somebody sets the clock: `now` steps, forwards or backwards, and no time passes. */
  step(ms: number): void {
    this.#offsetMs += ms;
  }

  /** When the next timer fires, in `monotonic` time; null when there is none. */
  get nextTimerMs(): number | null {
    const next = this.#earliest(Number.POSITIVE_INFINITY);
    return next === undefined ? null : next.dueMs;
  }

  /** Number of timers that have not fired yet. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Moves time on by `ms`, firing what falls due, in order; lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#earliest(endMs);
      if (next === undefined) break;
      this.#pending.delete(next);
      this.#nowMs = next.dueMs;
      next.action();
      await settlePromises();
    }
    this.#nowMs = endMs;
    await settlePromises();
  }

  #earliest(endMs: number): Pending | undefined {
    let best: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.dueMs > endMs) continue;
      const earlier = best === undefined || pending.dueMs < best.dueMs;
      if (earlier || (pending.dueMs === best?.dueMs && pending.order < best.order)) best = pending;
    }
    return best;
  }
}

/** Lets everything that is already resolved run, including what it resolves in turn. */
export async function settlePromises(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
