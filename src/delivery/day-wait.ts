import type { Clock, Timer } from '../base/index.ts';
import type { Standing } from './expire.ts';
import type { Waiter } from './later.ts';
import type { PathHold } from './ports.ts';
import { ReadyQueue } from './ready-queue.ts';

export type DayWaitOptions = {
  readonly clock: Clock;
  readonly onHold: (hold: PathHold) => void;
  readonly onRelease: (hold: PathHold) => void;
  /** The day is over: look at it again. */
  readonly onBack: (waiter: Waiter) => void;
};

/** Why messages wait for another day, and until when. */
export type DayHold = { readonly site: string; readonly detail: string; readonly untilMs: number };

type Resting = { readonly queue: ReadyQueue; readonly hold: PathHold };

// A clock may be set; nobody waits longer than this because of that.
const longestTimerMs = 60_000;

/** Messages that no source may send today, 8 bytes an id. A hold for each domain says so. */
export class DayWait {
  readonly #options: DayWaitOptions;
  readonly #resting = new Map<string, Resting>();
  #timer: Timer | null = null;

  constructor(options: DayWaitOptions) {
    this.#options = options;
  }

  put({ id, domain, flow }: Waiter, { site, detail, untilMs }: DayHold): void {
    let resting = this.#resting.get(domain);
    if (resting === undefined) {
      const hold = { site, domain, source: null, because: 'warm-up', detail, untilMs };
      resting = { queue: new ReadyQueue(), hold };
      this.#resting.set(domain, resting);
      this.#options.onHold(hold);
    }
    resting.queue.push(id, flow);
    this.#plan();
  }

  *standing(): Generator<Standing, undefined> {
    const last = (): null => null;
    for (const { queue } of this.#resting.values())
      for (const lane of queue.standing()) yield { queue: lane, last };
  }

  close(): void {
    this.#timer?.cancel();
  }

  #plan(): void {
    if (this.#timer !== null || this.#resting.size === 0) return;
    const nowMs = this.#options.clock.now();
    const untilMs = Math.min(...[...this.#resting.values()].map(({ hold }) => hold.untilMs));
    const delayMs = Math.max(0, Math.min(longestTimerMs, untilMs - nowMs));
    this.#timer = this.#options.clock.after(delayMs, () => this.#look());
  }

  #look(): void {
    this.#timer = null;
    const nowMs = this.#options.clock.now();
    for (const [domain, { queue, hold }] of this.#resting) {
      if (hold.untilMs > nowMs) continue;
      this.#resting.delete(domain);
      this.#options.onRelease(hold);
      queue.drain((id, flow) => this.#options.onBack({ id, domain, flow }));
    }
    this.#plan();
  }
}
