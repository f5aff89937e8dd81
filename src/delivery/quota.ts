// A slot is given back as a whole: a minute's limit is true to a second, an hour's to a minute.
const slotCount = 60;

/** What is left of it over a restart: newest slot first. */
export type QuotaUse = { readonly newestSlot: number; readonly counts: readonly number[] };

/** At most so many in any stretch of time: never more than the limit, whenever the receiver's window begins. */
export class Quota {
  readonly #most: number;
  readonly #slotMs: number;
  readonly #slots: number[] = Array.from({ length: slotCount }, () => 0);
  #newest = 0;
  #total = 0;

  constructor(most: number, windowMs: number) {
    this.#most = most;
    // One slot more than the window has, since the oldest one may have been filled at its end.
    this.#slotMs = windowMs / (slotCount - 1);
  }

  /** Milliseconds until one more may start. Wall-clock time: a day's quota goes on over a restart. */
  waitMs(nowMs: number): number {
    this.#advance(nowMs);
    if (this.#total < this.#most) return 0;
    let slot = this.#newest - slotCount + 1;
    while (slot < this.#newest && this.#at(slot) === 0) slot++;
    return (slot + slotCount) * this.#slotMs - nowMs;
  }

  started(nowMs: number): void {
    this.#advance(nowMs);
    const index = this.#newest % slotCount;
    this.#slots[index] = (this.#slots[index] ?? 0) + 1;
    this.#total++;
  }

  use(): QuotaUse {
    return {
      newestSlot: this.#newest,
      counts: Array.from({ length: slotCount }, (_, age) => this.#at(this.#newest - age)),
    };
  }

  restore({ newestSlot, counts }: QuotaUse): void {
    this.#newest = newestSlot;
    this.#total = 0;
    for (const [age, count] of counts.slice(0, slotCount).entries()) {
      const slot = newestSlot - age;
      if (slot < 0) break;
      this.#slots[slot % slotCount] = count;
      this.#total += count;
    }
  }

  #at(slot: number): number {
    return slot < 0 ? 0 : (this.#slots[slot % slotCount] ?? 0);
  }

  /** A clock that is set back counts into the newest slot. */
  #advance(nowMs: number): void {
    const now = Math.floor(nowMs / this.#slotMs);
    if (now - this.#newest >= slotCount) {
      this.#slots.fill(0);
      this.#total = 0;
      this.#newest = now;
    }
    while (this.#newest < now) {
      this.#newest++;
      const index = this.#newest % slotCount;
      this.#total -= this.#slots[index] ?? 0;
      this.#slots[index] = 0;
    }
  }
}
