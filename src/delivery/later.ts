import type { Clock, Timer } from '../base/index.ts';
import { DueHeap } from './due-heap.ts';
import type { Flow } from './flow.ts';

/** A message and what competes with it; `flow` as it was when the message was last on its way. */
export type Waiter = { readonly id: number; readonly domain: string; readonly flow: Flow };

type Entry = Waiter & { readonly dueMs: number };

export type LaterOptions = {
  readonly clock: Clock;
  /** No message waits longer than this from now on, whatever time it was given. */
  readonly longestMs: number;
  readonly onDue: (waiter: Waiter) => void;
};

/**
 * Messages that wait for their own next try. They are given a time of day and wait a stretch of time: a clock that is
 * set back by a year while they wait, or was ahead when they were written down, does not keep them for a year.
 */
export class Later {
  readonly #options: LaterOptions;
  readonly #heap = new DueHeap<Entry>();
  #timer: Timer | null = null;

  constructor(options: LaterOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#heap.size;
  }

  /** `untilMs`: milliseconds since the epoch. */
  wait({ id, domain, flow }: Waiter, untilMs: number): void {
    const { clock, longestMs } = this.#options;
    const dueMs = clock.monotonic() + Math.min(untilMs - clock.now(), longestMs);
    const first = this.#heap.next;
    this.#heap.push({ dueMs, id, domain, flow });
    if (first === undefined || dueMs < first.dueMs) this.#plan();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #plan(): void {
    this.#timer?.cancel();
    const next = this.#heap.next;
    if (next === undefined) return;
    const { clock } = this.#options;
    this.#timer = clock.after(next.dueMs - clock.monotonic(), () => this.#bringBack());
  }

  #bringBack(): void {
    const nowMs = this.#options.clock.monotonic();
    for (let next = this.#heap.next; next !== undefined && next.dueMs <= nowMs; next = this.#heap.next) {
      this.#heap.pop();
      this.#options.onDue(next);
    }
    this.#plan();
  }
}
