import type { Clock } from '../../base/index.ts';

type Entry<T> = { readonly value: T; readonly untilMs: number };

/** Values with an end, at most `mostEntries` of them; the one not asked for longest makes room. */
export class TtlCache<T> {
  readonly #clock: Clock;
  readonly #mostEntries: number;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(clock: Clock, mostEntries: number) {
    this.#clock = clock;
    this.#mostEntries = mostEntries;
  }

  /** The value and the seconds that it is still good for, rounded up. */
  get(key: string): { readonly value: T; readonly leftSeconds: number } | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    this.#entries.delete(key);
    const leftMs = entry.untilMs - this.#clock.monotonic();
    if (leftMs <= 0) return null;
    // A Map keeps the order of insertion: put back, it is the youngest.
    this.#entries.set(key, entry);
    return { value: entry.value, leftSeconds: Math.ceil(leftMs / 1000) };
  }

  set(key: string, value: T, ttlSeconds: number): void {
    this.#entries.delete(key);
    if (ttlSeconds <= 0) return;
    this.#entries.set(key, { value, untilMs: this.#clock.monotonic() + ttlSeconds * 1000 });
    if (this.#entries.size <= this.#mostEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  get size(): number {
    return this.#entries.size;
  }
}
