// A slot is forgotten as a whole: with 60 of them a count of ten minutes is true to ten seconds.
const slotCount = 60;

/** How many things happened within the last `windowMs`. */
export class SlidingCount {
  readonly #slotMs: number;
  readonly #slots = new Float64Array(slotCount);
  /** Number of the newest slot since 1970. */
  #newest = 0;
  #total = 0;

  constructor(windowMs: number) {
    this.#slotMs = Math.max(1, windowMs / slotCount);
  }

  add(nowMs: number, count = 1): void {
    this.#advance(nowMs);
    const slot = this.#newest % slotCount;
    this.#slots[slot] = (this.#slots[slot] ?? 0) + count;
    this.#total += count;
  }

  total(nowMs: number): number {
    this.#advance(nowMs);
    return this.#total;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#total = 0;
  }

  /** A clock that is set back counts into the newest slot. */
  #advance(nowMs: number): void {
    const number = Math.floor(nowMs / this.#slotMs);
    const behind = number - this.#newest;
    if (behind <= 0) return;
    if (behind >= slotCount) this.clear();
    else {
      for (let next = this.#newest + 1; next <= number; next++) {
        this.#total -= this.#slots[next % slotCount] ?? 0;
        this.#slots[next % slotCount] = 0;
      }
    }
    this.#newest = number;
  }
}
