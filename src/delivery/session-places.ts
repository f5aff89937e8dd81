import type { EgressPath } from './egress-path.ts';

/** The sessions that may be open at once over all paths; whoever finds no place waits in line. */
export class SessionPlaces {
  readonly #most: number;
  #used = 0;
  /** In the order of asking. */
  readonly #waiting = new Set<EgressPath>();

  constructor(most: number) {
    this.#most = most;
  }

  get used(): number {
    return this.#used;
  }

  /** true while a path waits for a place. */
  get wanted(): boolean {
    return this.#waiting.size > 0;
  }

  /** true: the place is taken. Otherwise `next` will name the path. */
  take(path: EgressPath): boolean {
    if (this.#used >= this.#most) {
      this.#waiting.add(path);
      return false;
    }
    this.#used++;
    return true;
  }

  free(): void {
    this.#used--;
  }

  /** Takes the path out of line that has waited longest, when there is a place for it; else null. */
  next(): EgressPath | null {
    if (this.#used >= this.#most) return null;
    const [path] = this.#waiting;
    if (path === undefined) return null;
    this.#waiting.delete(path);
    return path;
  }

  forget(path: EgressPath): void {
    this.#waiting.delete(path);
  }
}
