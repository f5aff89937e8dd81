// 8 KB: large beside the cost of an allocation. A queue starts small and doubles: 50,000 domains of two messages each
// would have 400 MB of full chunks.
const longestChunk = 1024;
const firstChunk = 8;

/** FIFO of message ids: 8 bytes an id, so that 1,000,000 waiting messages cost 8 MB. */
export class IdQueue {
  readonly #chunks: Float64Array[] = [];
  /** Ids put back in front, newest last. */
  readonly #returned: number[] = [];
  #head = 0;
  #tail = 0;
  #length = 0;

  get length(): number {
    return this.#length + this.#returned.length;
  }

  push(id: number): void {
    let last = this.#chunks[this.#chunks.length - 1];
    if (last === undefined || this.#tail === last.length) {
      last = new Float64Array(last === undefined ? firstChunk : Math.min(2 * last.length, longestChunk));
      this.#chunks.push(last);
      this.#tail = 0;
    }
    last[this.#tail++] = id;
    this.#length++;
  }

  /** Puts an id before all others: a message whose session ended before it was tried. */
  unshift(id: number): void {
    this.#returned.push(id);
  }

  /** Puts ids taken from the front back there, in their order. */
  putBack(ids: readonly number[]): void {
    for (const id of ids.toReversed()) this.#returned.push(id);
  }

  shift(): number | undefined {
    const returned = this.#returned.pop();
    if (returned !== undefined) return returned;
    if (this.#length === 0) return undefined;
    const first = this.#chunks[0];
    const id = first?.[this.#head++];
    this.#length--;
    if (this.#head === first?.length || this.#length === 0) this.#dropFirstChunk();
    return id;
  }

  /** Takes up to `count` ids from the front. */
  take(count: number): number[] {
    const ids: number[] = [];
    while (ids.length < count) {
      const id = this.shift();
      if (id === undefined) break;
      ids.push(id);
    }
    return ids;
  }

  #dropFirstChunk(): void {
    // An emptied queue starts over: its only chunk may be half used.
    if (this.#length === 0) this.#chunks.length = 0;
    else this.#chunks.shift();
    this.#head = 0;
  }
}
