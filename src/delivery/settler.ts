import type { Clock, Timer } from '../base/index.ts';
import type { DeliveryStore, PathHold, Settlement } from './ports.ts';

/** A settlement with the recipient's domain, for whoever counts by provider. */
export type Settled = { readonly settlement: Settlement; readonly domain: string };

export type SettlerOptions = {
  readonly store: DeliveryStore;
  readonly clock: Clock;
  /** true for a failure that passes (disk full): the batch is kept and tried again. */
  readonly isPassing: (error: unknown) => boolean;
  /** Called after each durable commit. */
  readonly onCommitted: (batch: readonly Settled[]) => void;
  /** The store stopped (`error`) or takes again (null). */
  readonly onTrouble: (error: unknown) => void;
};

// A commit costs one fdatasync, 0.2–1 ms: 200 rows or 10 ms share it. Both bound what a kill -9 can send twice.
const largestBatch = 200;
const longestDelayMs = 10;
// How long to wait before asking a full disk again; an operator who frees space sees it go on at once.
const troubleRetryMs = 1_000;

/** Collects settlements and holds and commits them together; nothing else writes delivery state. */
export class Settler {
  readonly #options: SettlerOptions;
  #settled: Settled[] = [];
  #holds: PathHold[] = [];
  #releases: PathHold[] = [];
  #acknowledgements: (() => void)[] = [];
  #timer: Timer | null = null;
  #closed = false;
  #troubled = false;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** Settlements not yet durable. */
  get pending(): number {
    return this.#settled.length;
  }

  /** false while the store cannot take anything: start no new attempts then. */
  get healthy(): boolean {
    return !this.#troubled;
  }

  add(settled: Settled): void {
    this.#settled.push(settled);
    if (this.#settled.length >= largestBatch && !this.#troubled) this.flush();
    else this.#schedule();
  }

  /** Calls back when everything added so far is durable. */
  acknowledgeTo(done: () => void): void {
    if (this.pending === 0) done();
    else this.#acknowledgements.push(done);
  }

  hold(hold: PathHold): void {
    this.#holds.push(hold);
    this.#schedule();
  }

  release(hold: PathHold): void {
    this.#releases.push(hold);
    this.#schedule();
  }

  /** Commits now. Returns false when the store cannot take it; it stays pending. */
  flush(): boolean {
    this.#timer?.cancel();
    this.#timer = null;
    const batch = this.#settled;
    if (batch.length + this.#holds.length + this.#releases.length === 0) return true;
    try {
      const settlements = batch.map((each) => each.settlement);
      this.#options.store.commit(settlements, this.#holds, this.#releases);
    } catch (error) {
      if (!this.#options.isPassing(error)) throw error;
      this.#enterTrouble(error);
      return false;
    }
    this.#settled = [];
    this.#holds = [];
    this.#releases = [];
    this.#leaveTrouble();
    for (const done of this.#acknowledgements.splice(0)) done();
    this.#options.onCommitted(batch);
    return true;
  }

  /** Commits what is left; nothing is taken any more. */
  close(): void {
    this.#closed = true;
    this.flush();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#closed) return;
    const delayMs = this.#troubled ? troubleRetryMs : longestDelayMs;
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = null;
      this.flush();
    });
  }

  #enterTrouble(error: unknown): void {
    const first = !this.#troubled;
    this.#troubled = true;
    this.#schedule();
    if (first) this.#options.onTrouble(error);
  }

  #leaveTrouble(): void {
    if (!this.#troubled) return;
    this.#troubled = false;
    this.#options.onTrouble(null);
  }
}
