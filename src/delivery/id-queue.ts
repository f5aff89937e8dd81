const chunkLength = 1024; // 8 KB each: small beside a path, large beside the cost of an allocation

/** FIFO of message ids: 8 bytes an id, so that 1,000,000 waiting messages cost 8 MB. */
export class IdQueue {
  readonly #chunks: Float64Array[] = [];
  /** Ids put back in front, newest last. */
  readonly #returned: number[] = [];
  #head = 0;
  #tail = chunkLength;
  #length = 0;

  get length(): number {
    return this.#length + this.#returned.length;
  }

  push(id: number): void {
    if (this.#tail === chunkLength) {
      this.#chunks.push(new Float64Array(chunkLength));
      this.#tail = 0;
    }
    const last = this.#chunks[this.#chunks.length - 1];
    if (last === undefined) throw new Error('id queue without a chunk');
    last[this.#tail++] = id;
    this.#length++;
  }

  /** Puts an id before all others: a message whose session ended before it was tried. */
  unshift(id: number): void {
    this.#returned.push(id);
  }

  shift(): number | undefined {
    const returned = this.#returned.pop();
    if (returned !== undefined) return returned;
    if (this.#length === 0) return undefined;
    const id = this.#chunks[0]?.[this.#head++];
    this.#length--;
    if (this.#head === chunkLength || this.#length === 0) this.#dropFirstChunk();
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
    if (this.#length === 0) {
      this.#chunks.length = 0;
      this.#tail = chunkLength;
    } else this.#chunks.shift();
    this.#head = 0;
  }
}
