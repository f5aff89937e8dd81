import type { Clock, Timer } from '../base/index.ts';
import type { Standing } from './expire.ts';
import { isSameFlow } from './flow.ts';
import type { Flow } from './flow.ts';
import type { FlowState } from './flows.ts';
import { IdQueue } from './id-queue.ts';

export type ClosedWindowsOptions = {
  readonly clock: Clock;
  readonly stateOf: (flow: Flow) => FlowState;
  /** The first message of a flow rests. */
  readonly onRest: (flow: Flow) => void;
  /** Something has opened: `take` gives it. */
  readonly onOpen: () => void;
};

/** Ids whose window has opened; `putBack`: they could not be read now. */
export type Opened = {
  readonly flow: Flow;
  readonly ids: readonly number[];
  readonly putBack: () => void;
};

type Resting = { readonly flow: Flow; readonly ids: IdQueue };

// Windows open at times of day, and a clock may be set: nobody waits longer than this because of that.
const longestTimerMs = 60_000;

/** Ids of messages whose window is closed, 8 bytes each: what else there is to know is read again when it opens. */
export class ClosedWindows {
  readonly #options: ClosedWindowsOptions;
  readonly #resting = new Map<string, Resting>();
  readonly #open: Resting[] = [];
  #timer: Timer | null = null;
  #closed = false;

  constructor(options: ClosedWindowsOptions) {
    this.#options = options;
  }

  /** Those whose flow is open can be taken at once. */
  add(flow: Flow, ids: readonly number[]): void {
    if (this.#options.stateOf(flow).opensMs === null) {
      this.#addOpen(flow, ids);
      return;
    }
    const key = `${flow.campaignId} ${flow.window}`;
    let resting = this.#resting.get(key);
    if (resting === undefined) {
      this.#resting.set(key, (resting = { flow, ids: new IdQueue() }));
      this.#options.onRest(flow);
    }
    for (const id of ids) resting.ids.push(id);
    if (this.#timer === null) this.#plan();
  }

  /** Up to `most` ids whose window has opened; null: there are none. */
  take(most: number): Opened | null {
    for (let [first] = this.#open; first !== undefined; [first] = this.#open) {
      const { flow, ids: queue } = first;
      if (queue.length === 0) this.#open.shift();
      else {
        const ids = queue.take(most);
        return { flow, ids, putBack: () => queue.putBack(ids) };
      }
    }
    return null;
  }

  /** What is closed may have changed before its time. */
  again(): void {
    this.#timer?.cancel();
    this.#look();
  }

  *standing(): Generator<Standing, undefined> {
    for (const { ids } of [...this.#resting.values(), ...this.#open]) {
      if (ids.length > 0) yield { queue: ids, last: () => null };
    }
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #addOpen(flow: Flow, ids: readonly number[]): void {
    const last = this.#open.at(-1);
    const resting = last !== undefined && isSameFlow(last.flow, flow) ? last : { flow, ids: new IdQueue() };
    for (const id of ids) resting.ids.push(id);
    if (resting !== last) this.#open.push(resting);
    this.#options.onOpen();
  }

  #plan(): void {
    if (this.#closed || this.#resting.size === 0) return;
    const nowMs = this.#options.clock.now();
    let delayMs = longestTimerMs;
    for (const { flow } of this.#resting.values()) {
      const { opensMs } = this.#options.stateOf(flow);
      delayMs = Math.min(delayMs, opensMs === null ? 0 : opensMs - nowMs);
    }
    this.#timer = this.#options.clock.after(Math.max(0, delayMs), () => this.#look());
  }

  #look(): void {
    this.#timer = null;
    const before = this.#open.length;
    for (const [key, resting] of this.#resting) {
      if (this.#options.stateOf(resting.flow).opensMs !== null) continue;
      this.#resting.delete(key);
      this.#open.push(resting);
    }
    this.#plan();
    if (this.#open.length > before) this.#options.onOpen();
  }
}
