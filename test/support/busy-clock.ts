import type { Clock, Timer } from '../../src/base/index.ts';
import { DueHeap } from '../../src/delivery/due-heap.ts';

type Pending = { readonly dueMs: number; action: (() => void) | null };

/** A clock for models: timers fire one after the other without a turn of the event loop, a million of them in a second. */
export class BusyClock implements Clock {
  #nowMs = 0;
  readonly #heap = new DueHeap<Pending>();

  now(): number {
    return Date.UTC(2026, 0, 1) + this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const pending: Pending = { dueMs: this.#nowMs + Math.max(0, delayMs), action };
    this.#heap.push(pending);
    return { cancel: () => void (pending.action = null) };
  }

  run(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#heap.next; next !== undefined && next.dueMs <= endMs; next = this.#heap.next) {
      this.#heap.pop();
      this.#nowMs = next.dueMs;
      next.action?.();
    }
    this.#nowMs = endMs;
  }
}
