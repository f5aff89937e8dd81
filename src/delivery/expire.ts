import type { Clock, Timer } from '../base/index.ts';
import type { MessageRow } from './ports.ts';
import { settleExpired } from './settle.ts';
import type { Attempted } from './settle.ts';
import type { Settled } from './settler.ts';

/** What expiry asks of a queue. */
export interface StandingQueue {
  readonly length: number;
  take(count: number): readonly number[];
  putBack(ids: readonly number[]): void;
  push(id: number): void;
}

/** A queue that does not move, and what keeps it. */
export type Standing = { readonly queue: StandingQueue; readonly last: () => Attempted | null };

export type ExpiryOptions = {
  readonly clock: Clock;
  /** Queues on hold or without a session; read a little at a time while it changes. */
  readonly standing: () => Iterable<Standing>;
  /** null: the store cannot be read now. */
  readonly read: (ids: readonly number[]) => readonly MessageRow[] | null;
  /** false while nothing can be settled. */
  readonly mayWork: () => boolean;
  readonly onExpired: (settled: Settled) => void;
  /** So many ids were settled by somebody else. */
  readonly onMissing: (count: number) => void;
  /** Everything that stands still was looked at once. */
  readonly onRoundEnd?: () => void;
};

// How long after one round the next begins: lifetimes are days. Where one that was seen ends before that (a rehearsal, a
// mail with a code that is good for minutes), the round begins then.
const betweenRoundsMs = 30_000;
const soonestRoundMs = 1_000;
// After a round that found nothing, which costs nothing: what stops moving next may have short lives.
const idleRoundMs = 5_000;
// 500 rows cost about 3 ms, so that sockets stay served; 1,000,000 messages behind holds are looked at in four minutes
// for some hundredths of a core.
const rowsPerStep = 500;
const betweenStepsMs = 100;
// What looking at a queue costs beside its rows, in rows: 50,000 queues of two messages are not read in one turn.
const rowsPerQueue = 10;

/**
 * Looks through what stands still for messages whose lifetime has ended, a little at a time. What moves is left to its
 * next attempt.
 */
export class Expiry {
  readonly #options: ExpiryOptions;
  #timer: Timer | null = null;
  #round: Iterator<Standing> | null = null;
  #current: Standing | null = null;
  /** Ids of `#current` that were not looked at yet. */
  #left = 0;
  /** When the first of the living that this round saw ends; null: it saw none. */
  #nextEndMs: number | null = null;

  constructor(options: ExpiryOptions) {
    this.#options = options;
  }

  start(): void {
    this.#plan(soonestRoundMs);
  }

  close(): void {
    this.#timer?.cancel();
  }

  #plan(delayMs: number): void {
    this.#timer = this.#options.clock.after(delayMs, () => this.#step());
  }

  #step(): void {
    this.#round ??= this.#options.standing()[Symbol.iterator]();
    for (let budget = rowsPerStep; budget > 0 && this.#options.mayWork();) {
      const current = this.#current ?? this.#nextQueue();
      if (current === null) {
        this.#round = null;
        this.#plan(this.#untilNextRoundMs());
        this.#options.onRoundEnd?.();
        return;
      }
      budget -= rowsPerQueue + this.#look(current, budget);
    }
    this.#plan(betweenStepsMs);
  }

  #untilNextRoundMs(): number {
    const endMs = this.#nextEndMs;
    this.#nextEndMs = null;
    if (endMs === null) return idleRoundMs;
    const untilEndMs = endMs - this.#options.clock.now();
    return Math.min(betweenRoundsMs, Math.max(soonestRoundMs, untilEndMs));
  }

  #nextQueue(): Standing | null {
    const next = this.#round?.next();
    this.#current = next === undefined || next.done === true ? null : next.value;
    this.#left = this.#current?.queue.length ?? 0;
    return this.#current;
  }

  /** Looks at up to `most` ids from the front of a queue; the living go to its end. Returns how many. */
  #look({ queue, last }: Standing, most: number): number {
    const ids = queue.take(Math.min(this.#left, most));
    const rows = this.#options.read(ids);
    if (rows === null) {
      queue.putBack(ids);
      return most;
    }
    const nowMs = this.#options.clock.now();
    this.#left -= ids.length;
    if (this.#left <= 0 || ids.length === 0) this.#current = null;
    if (rows.length < ids.length) this.#options.onMissing(ids.length - rows.length);
    for (const row of rows) {
      if (row.expiresMs > nowMs) {
        queue.push(row.id);
        this.#nextEndMs = Math.min(this.#nextEndMs ?? Infinity, row.expiresMs);
      } else
        this.#options.onExpired({
          settlement: settleExpired(row, last(), nowMs),
          domain: row.domain,
          campaignId: row.campaignId,
        });
    }
    return ids.length;
  }
}
