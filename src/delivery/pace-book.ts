import type { Clock, Timer } from '../base/index.ts';
import type { PaceEvent, PaceStore, StoredPace } from './pace-ports.ts';

export type PaceBookOptions = {
  /** null: nothing is remembered beyond the run. */
  readonly store: PaceStore | null;
  readonly clock: Clock;
  /** Uses the store; null while that fails for a reason that passes. */
  readonly use: <T>(work: () => T) => T | null;
};

// What is learnt within a second is one commit; a crash loses that second.
const delayMs = 1_000;
// Decisions kept while the disk is full; the paces themselves are all kept.
const mostEvents = 1_000;

/** Keeps what the paths of all carriers learn: of each the newest, and every decision once. */
export class PaceBook {
  readonly #options: PaceBookOptions;
  readonly #paces = new Map<string, StoredPace>();
  #events: PaceEvent[] = [];
  #timer: Timer | null = null;

  constructor(options: PaceBookOptions) {
    this.#options = options;
  }

  take(stored: StoredPace, event: PaceEvent | null): void {
    if (this.#options.store === null) return;
    this.#paces.set(JSON.stringify([stored.site, stored.source]), stored);
    if (event !== null && this.#events.length < mostEvents) this.#events.push(event);
    this.#timer ??= this.#options.clock.after(delayMs, () => this.#write());
  }

  /** Writes what is left, for the last time. */
  close(): void {
    this.#timer?.cancel();
    if (this.#paces.size > 0) this.#record();
  }

  #write(): void {
    this.#timer = null;
    if (!this.#record()) this.#timer = this.#options.clock.after(delayMs, () => this.#write());
  }

  #record(): boolean {
    const { store, use } = this.#options;
    const written = use(() => {
      store?.record([...this.#paces.values()], this.#events);
      return true;
    });
    if (written === null) return false;
    this.#paces.clear();
    this.#events = [];
    return true;
  }
}
