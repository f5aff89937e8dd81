import type { Clock, Timer } from '../base/index.ts';
import type { Flow } from './flow.ts';
import type { DeliveryStore, PathHold, Settlement } from './ports.ts';

/**
 * A settlement with the recipient's domain and the campaign, for whoever counts by provider or follows a campaign; of
 * what waits again also its flow.
 */
export type Settled = {
  readonly settlement: Settlement;
  readonly domain: string;
  readonly flow?: Flow;
  readonly campaignId?: number;
};

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
// One report of a carrier is worth a commit as soon as nothing else has arrived: waiting for more left the carriers idle
// at the end of their credit (unsigned, 2 KB: 13,900 messages/s while a commit waited for 200 or 10 ms, 19,200 so).
const worthACommit = 64;
const longestDelayMs = 10;
// A site that serves 50,000 domains is held and released for each of them: about 5 ms of rows at a time.
const mostWaysPerCommit = 500;
// How long to wait before asking a full disk again; an operator who frees space sees it go on at once.
const troubleRetryMs = 1_000;

/** What is to be written about one way out: only the last word counts, however long the disk was full. */
type Way = { readonly hold: PathHold; readonly isHeld: boolean };

/** Collects settlements and holds and commits them together; nothing else writes delivery state. */
export class Settler {
  readonly #options: SettlerOptions;
  #settled: Settled[] = [];
  readonly #acknowledgements: (() => void)[] = [];
  readonly #ways = new Map<string, Way>();
  #timer: Timer | null = null;
  /** Why the store cannot be used now; null while it can. */
  #trouble: { readonly error: unknown } | null = null;
  #closed = false;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** Settlements not yet durable. */
  get pending(): number {
    return this.#settled.length;
  }

  /** false while the store cannot take anything: start no new attempts then. */
  get healthy(): boolean {
    return this.#trouble === null;
  }

  add(settled: Settled): void {
    this.#settled.push(settled);
    const { length } = this.#settled;
    if (length >= largestBatch && this.healthy) this.flush();
    else if (length === worthACommit && this.healthy) this.#flushSoon();
    else this.#schedule();
  }

  /** Calls back when everything added so far is durable. */
  acknowledgeTo(done: () => void): void {
    if (this.pending === 0) done();
    else this.#acknowledgements.push(done);
  }

  hold(hold: PathHold): void {
    this.#note({ hold, isHeld: true });
  }

  release(hold: PathHold): void {
    this.#note({ hold, isHeld: false });
  }

  /** Reads from the store; null while that fails for a reason that passes: `onTrouble` tells when to ask again. */
  read<T>(work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      this.#enterTrouble(error);
      return null;
    }
  }

  /** Commits now. Returns false when the store cannot take it; it stays pending. */
  flush(): boolean {
    this.#timer?.cancel();
    this.#timer = null;
    const batch = this.#settled;
    const ways = [...this.#ways].slice(0, mostWaysPerCommit);
    try {
      this.#write(
        batch,
        ways.map(([, way]) => way),
      );
    } catch (error) {
      this.#enterTrouble(error);
      return false;
    }
    this.#settled = [];
    for (const [key] of ways) this.#ways.delete(key);
    if (this.#ways.size > 0) this.#schedule();
    this.#leaveTrouble();
    for (const done of this.#acknowledgements.splice(0)) done();
    if (batch.length > 0) this.#options.onCommitted(batch);
    return true;
  }

  /** Commits what is left, for the last time; throws what keeps the store from taking it. */
  close(): void {
    this.flush();
    this.#closed = true;
    this.#timer?.cancel();
    if (this.#trouble !== null && this.#settled.length > 0) throw this.#trouble.error;
  }

  #note(way: Way): void {
    const { site, source, domain } = way.hold;
    this.#ways.set(JSON.stringify([site, source, domain]), way);
    this.#schedule();
  }

  #write(batch: readonly Settled[], ways: readonly Way[]): void {
    const { store } = this.#options;
    if (batch.length + ways.length > 0) {
      const settlements = batch.map((each) => each.settlement);
      const of = (isHeld: boolean): PathHold[] =>
        ways.filter((way) => way.isHeld === isHeld).map(({ hold }) => hold);
      store.commit(settlements, of(true), of(false));
    } else if (!this.healthy) {
      // It was a read that failed, and there is nothing to write: the smallest read tells whether it is over.
      store.queuedPage(Number.MAX_SAFE_INTEGER, 1);
    }
  }

  /** After what has arrived by now. */
  #flushSoon(): void {
    setImmediate(() => {
      if (this.#settled.length >= worthACommit && this.healthy && !this.#closed) this.flush();
    });
  }

  #schedule(): void {
    if (this.#timer !== null || this.#closed) return;
    const delayMs = this.healthy ? longestDelayMs : troubleRetryMs;
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = null;
      this.flush();
    });
  }

  #enterTrouble(error: unknown): void {
    if (!this.#options.isPassing(error)) throw error;
    const first = this.healthy;
    this.#trouble = { error };
    this.#schedule();
    if (first) this.#options.onTrouble(error);
  }

  #leaveTrouble(): void {
    if (this.healthy) return;
    this.#trouble = null;
    this.#options.onTrouble(null);
  }
}
