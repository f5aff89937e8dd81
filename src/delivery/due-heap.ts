/** Something that becomes due at a time, milliseconds since the epoch. */
export type Due = { readonly dueMs: number };

/** Binary min-heap by `dueMs`: what waits for a later time. */
export class DueHeap<T extends Due> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  get next(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent];
      if (above === undefined || above.dueMs <= item.dueMs) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last !== undefined && items.length > 0) this.#sink(last);
    return top;
  }

  /** Takes out everything, in no order. */
  drain(): T[] {
    return this.#items.splice(0);
  }

  #sink(item: T): void {
    const items = this.#items;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = items[child];
      if (left === undefined) break;
      const right = items[child + 1];
      let smaller = left;
      if (right !== undefined && right.dueMs < left.dueMs) {
        child++;
        smaller = right;
      }
      if (smaller.dueMs >= item.dueMs) break;
      items[index] = smaller;
      index = child;
    }
    items[index] = item;
  }
}
