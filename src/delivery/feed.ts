import type { DeliveryStore, QueuedMessage } from './ports.ts';

// A page costs about 5 ms: short enough to keep sockets served, long enough to be cheap per id.
const pageLength = 2_000;

/** Reads the ids of all unsettled messages in id order, a page a turn. */
export class Feed {
  readonly #store: DeliveryStore;
  #afterId = 0;
  #exhausted = false;

  constructor(store: DeliveryStore) {
    this.#store = store;
  }

  /** true when nothing was left at the last look. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** There may be more again: a campaign was opened. */
  wake(): void {
    this.#exhausted = false;
  }

  /** The next page, empty at the end. */
  next(): readonly QueuedMessage[] {
    if (this.#exhausted) return [];
    const page = this.#store.queuedPage(this.#afterId, pageLength);
    const last = page[page.length - 1];
    if (last === undefined) this.#exhausted = true;
    else this.#afterId = last.id;
    return page;
  }
}
