import type { EgressPath } from './egress-path.ts';

// Of the places that all together have, so many more are there for transactional mail: a twentieth.
const urgentShare = 1 / 20;

/** The sessions that may be open at once over all paths; whoever finds no place waits in line. */
export class SessionPlaces {
  readonly #most: number;
  #used = 0;
  /** In the order of asking; those with transactional mail are served before. */
  readonly #waiting = new Set<EgressPath>();
  readonly #urgent = new Set<EgressPath>();

  constructor(most: number) {
    this.#most = most;
  }

  get used(): number {
    return this.#used;
  }

  /** true while a path waits for a place. */
  get wanted(): boolean {
    return this.#waiting.size + this.#urgent.size > 0;
  }

  /** true: the place is taken. Otherwise `next` will name the path. */
  take(path: EgressPath): boolean {
    const isUrgent = path.urgent;
    if (this.#used >= this.#mostFor(isUrgent)) {
      (isUrgent ? this.#urgent : this.#waiting).add(path);
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
    return this.#first(this.#urgent, true) ?? this.#first(this.#waiting, false);
  }

  forget(path: EgressPath): void {
    this.#waiting.delete(path);
    this.#urgent.delete(path);
  }

  #first(line: Set<EgressPath>, isUrgent: boolean): EgressPath | null {
    if (this.#used >= this.#mostFor(isUrgent)) return null;
    const [path] = line;
    if (path === undefined) return null;
    line.delete(path);
    return path;
  }

  #mostFor(isUrgent: boolean): number {
    return isUrgent ? this.#most + Math.ceil(this.#most * urgentShare) : this.#most;
  }
}
