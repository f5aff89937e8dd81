import type { Clock, Timer } from '../base/index.ts';
import { DueHeap } from './due-heap.ts';
import type { Waiter } from './later.ts';

export type ScheduledOptions = {
  readonly clock: Clock;
  readonly onDue: (waiter: Waiter) => void;
};

type Entry = Waiter & { readonly dueMs: number };

// The clock may be set while a message waits for its day: nobody goes out this much too late because of that.
const longestTimerMs = 60_000;

/**
 * Messages that somebody wants sent at a time of day, and not before. Unlike those of `Later` they wait for the clock of the
 * wall: whoever sets it right moves them too.
 */
export class Scheduled {
  readonly #options: ScheduledOptions;
  readonly #heap = new DueHeap<Entry>();
  #timer: Timer | null = null;
  #closed = false;

  constructor(options: ScheduledOptions) {
    this.#options = options;
  }

  /** `dueMs`: milliseconds since 1970. */
  wait({ id, domain, flow }: Waiter, dueMs: number): void {
    const first = this.#heap.next;
    this.#heap.push({ dueMs, id, domain, flow });
    if (first === undefined || dueMs < first.dueMs) this.#plan();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #plan(): void {
    this.#timer?.cancel();
    const next = this.#heap.next;
    if (next === undefined || this.#closed) return;
    const { clock } = this.#options;
    const delayMs = Math.min(Math.max(0, next.dueMs - clock.now()), longestTimerMs);
    this.#timer = clock.after(delayMs, () => this.#bringBack());
  }

  #bringBack(): void {
    const nowMs = this.#options.clock.now();
    for (let next = this.#heap.next; next !== undefined && next.dueMs <= nowMs; next = this.#heap.next) {
      this.#heap.pop();
      this.#options.onDue(next);
    }
    this.#plan();
  }
}
