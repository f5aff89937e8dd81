import type { StandingQueue } from './expire.ts';
import type { Waiter } from './later.ts';
import { ReadyQueue } from './ready-queue.ts';

type Group = { readonly domain: string; readonly queue: ReadyQueue };

/** Messages that wait until it is known whether their site takes a rush of mail, 8 bytes an id. */
export class Crowd {
  readonly #bySite = new Map<string, Map<string, ReadyQueue>>();
  /** There is something to take. */
  readonly #onReleased: () => void;
  /** May go on. */
  readonly #released: Group[] = [];

  constructor(onReleased: () => void) {
    this.#onReleased = onReleased;
  }

  put(site: string, { id, domain, flow }: Waiter): void {
    let groups = this.#bySite.get(site);
    if (groups === undefined) this.#bySite.set(site, (groups = new Map<string, ReadyQueue>()));
    let queue = groups.get(domain);
    if (queue === undefined) groups.set(domain, (queue = new ReadyQueue()));
    queue.push(id, flow);
  }

  /** The messages of a site may go on, or so many of them: `take` gives them. */
  release(site: string, most = Infinity): void {
    const groups = this.#bySite.get(site);
    if (groups === undefined) return;
    this.#onReleased();
    let left = most;
    for (const [domain, queue] of groups) {
      if (left <= 0) return;
      left -= queue.length;
      if (left < 0) {
        this.#released.push({ domain, queue: firstOf(queue, queue.length + left) });
        return;
      }
      this.#released.push({ domain, queue });
      groups.delete(domain);
    }
    this.#bySite.delete(site);
  }

  /** The same for each site. */
  releaseOfEach(most: number): void {
    for (const site of this.#bySite.keys()) this.release(site, most);
  }

  /** Up to `most` of those that may go on. */
  take(most: number): readonly Waiter[] {
    const taken: Waiter[] = [];
    for (let [first] = this.#released; first !== undefined && taken.length < most; [first] = this.#released) {
      const { domain, queue } = first;
      const { ids, lanes } = queue.take(most - taken.length);
      for (const [index, id] of ids.entries()) {
        const flow = lanes[index]?.flow;
        if (flow !== undefined) taken.push({ id, domain, flow });
      }
      if (queue.length === 0) this.#released.shift();
    }
    return taken;
  }

  /** true while `take` has something to give. */
  get isReleasing(): boolean {
    return this.#released.length > 0;
  }

  *standing(): Generator<StandingQueue, undefined> {
    const waiting = [...this.#bySite.values()].flatMap((groups) => [...groups.values()]);
    for (const queue of [...waiting, ...this.#released.map((group) => group.queue)]) yield* queue.standing();
  }
}

function firstOf(queue: ReadyQueue, count: number): ReadyQueue {
  const first = new ReadyQueue();
  const { ids, lanes } = queue.take(count);
  for (const [index, id] of ids.entries()) {
    const flow = lanes[index]?.flow;
    if (flow !== undefined) first.push(id, flow);
  }
  return first;
}
