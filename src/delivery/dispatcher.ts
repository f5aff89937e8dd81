import type { Clock, Timer } from '../base/index.ts';
import type { Outcome } from '../events/index.ts';
import type { CarrierPort, ConnectCarrier } from './carrier-port.ts';
import { Deal } from './deal.ts';
import { Domains } from './domains.ts';
import type { Domain } from './domains.ts';
import type { EngineListener } from './engine-listener.ts';
import { DueHeap } from './due-heap.ts';
import { expireQueued } from './expire.ts';
import { Feed } from './feed.ts';
import type { DeliveryStore, PathHold, Reader } from './ports.ts';
import type { RetryPolicy } from './retry.ts';
import type { Router } from './route.ts';
import { settle } from './settle.ts';
import { Settler } from './settler.ts';
import type { Settled } from './settler.ts';

export type DispatcherOptions = {
  readonly store: DeliveryStore;
  readonly reader: Reader;
  readonly router: Router;
  readonly clock: Clock;
  /** [0, 1). */
  readonly random: () => number;
  readonly retry: RetryPolicy;
  /** At least one. */
  readonly carriers: readonly ConnectCarrier[];
  /** Number of sources: ids are dealt so that each source is at each carrier. */
  readonly sources: number;
  /** Most sessions of one source at one site, over all carriers. */
  readonly mostSessions: number;
  /** true for a store failure that passes, e.g. a full disk. */
  readonly isPassing: (error: unknown) => boolean;
  readonly listener: EngineListener;
};

// Rows of an unreachable domain settled in one go, between which others have their turn.
const refusedPerTurn = 64;
// How often messages behind a hold are looked through for those whose lifetime has ended.
const expireEveryMs = 30_000;

type Later = { readonly dueMs: number; readonly id: number; readonly domain: string };

/**
 * Brings everything unsettled in the store to its end: finds the site of each domain, deals the ids to the carriers,
 * keeps what waits for later, and is the only writer of the store. `run` once.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #settler: Settler;
  readonly #domains: Domains;
  readonly #feed: Feed;
  readonly #deal: Deal;
  readonly #carriers: CarrierPort[] = [];
  readonly #later = new DueHeap<Later>();
  #laterTimer: Timer | null = null;
  #expireTimer: Timer | null = null;
  /** Messages in memory that are not settled. */
  #outstanding = 0;
  #turnPlanned = false;
  #stopping = false;
  #working = 0;
  #ended: { resolve: () => void; reject: (error: unknown) => void } | null = null;
  #allStopped: (() => void) | null = null;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { store, clock, isPassing } = options;
    this.#settler = new Settler({
      store,
      clock,
      isPassing,
      onCommitted: (batch) => this.#committed(batch),
      onTrouble: (error) => this.#trouble(error),
    });
    this.#domains = new Domains({
      ...options,
      onRouted: (domain, site, id) => this.#deal.add({ domain: domain.name, site, id }),
      onRefused: (domain, outcome) => this.#guard(this.#refuse(domain, outcome)),
      onHold: (hold) => this.#held(hold),
      onRelease: (hold) => this.#settler.release(hold),
      guard: (work) => this.#guard(work),
    });
    this.#deal = new Deal({ ...options, carriers: this.#carriers, plan: () => this.#planTurn() });
    this.#feed = new Feed(store);
  }

  /** Works until nothing is waiting or `stop` is called; rejects on a fault of the store, a carrier, or a bug. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => (this.#ended = { resolve, reject }));
    for (const [index, connect] of this.#options.carriers.entries()) this.#connect(connect, index);
    this.#planExpiry();
    this.#planTurn();
    try {
      await ended;
    } finally {
      await this.#shutDown(0);
    }
  }

  /** Ends cleanly: starts nothing new, waits up to `graceMs` for what is under way, writes it all down. */
  stop(graceMs: number): void {
    const cleanly = async (): Promise<void> => {
      await this.#shutDown(graceMs);
      this.#ended?.resolve();
    };
    this.#guard(cleanly());
  }

  #connect(connect: ConnectCarrier, index: number): void {
    this.#working++;
    const carrier = connect({
      settled: (batch) => this.#settled(batch, index),
      missing: (count) => this.#gone(count),
      held: (hold, shared) => {
        this.#held(hold);
        for (const [other, each] of this.#carriers.entries()) if (other !== index) each.share(shared);
      },
      released: (hold) => this.#settler.release(hold),
      stopped: () => {
        this.#working--;
        if (this.#working === 0) this.#allStopped?.();
      },
      failed: (error) => this.#ended?.reject(error),
    });
    this.#carriers.push(carrier);
  }

  #planTurn(): void {
    if (this.#turnPlanned || this.#stopping) return;
    this.#turnPlanned = true;
    setImmediate(() => {
      this.#turnPlanned = false;
      try {
        this.#turn();
      } catch (error) {
        this.#ended?.reject(error);
      }
    });
  }

  /** One turn: a page of ids, dealt out together with what was routed since. */
  #turn(): void {
    if (this.#stopping || !this.#settler.healthy) return;
    for (const queued of this.#feed.next()) this.#take(queued.id, queued.domain, queued.notBeforeMs);
    this.#deal.flush();
    if (!this.#feed.exhausted) this.#planTurn();
    else this.#checkDone();
  }

  /** A message read from the feed: waits for its time, or goes on to its domain. */
  #take(id: number, domain: string, notBeforeMs: number): void {
    this.#outstanding++;
    if (notBeforeMs > this.#options.clock.now()) this.#wait({ dueMs: notBeforeMs, id, domain });
    else this.#domains.enqueue(id, domain);
  }

  #settled(batch: readonly Settled[], carrier: number): void {
    for (const settled of batch) this.#record(settled);
    this.#settler.acknowledgeTo(() => this.#carriers[carrier]?.acknowledge(batch.length));
  }

  #record(settled: Settled): void {
    this.#settler.add(settled);
    const { next, event } = settled.settlement;
    if (next.state === 'waiting') {
      this.#wait({ dueMs: next.waiting.untilMs, id: event.messageId, domain: settled.domain });
    } else this.#outstanding--;
    this.#deal.done(settled.domain);
  }

  #gone(count: number): void {
    this.#outstanding -= count;
    this.#checkDone();
  }

  #held(hold: PathHold): void {
    this.#settler.hold(hold);
    this.#options.listener.held(hold);
  }

  #wait(later: Later): void {
    const first = this.#later.next;
    this.#later.push(later);
    if (first === undefined || later.dueMs < first.dueMs) this.#planLater();
  }

  #planLater(): void {
    this.#laterTimer?.cancel();
    const next = this.#later.next;
    if (next === undefined || this.#stopping) return;
    const { clock } = this.#options;
    this.#laterTimer = clock.after(next.dueMs - clock.now(), () => this.#bringBack());
  }

  #bringBack(): void {
    const nowMs = this.#options.clock.now();
    for (let next = this.#later.next; next !== undefined && next.dueMs <= nowMs; next = this.#later.next) {
      this.#later.pop();
      this.#domains.enqueue(next.id, next.domain);
    }
    this.#planLater();
  }

  /** Settles, a page at a time, every message of a domain that can never be reached. */
  async #refuse(domain: Domain, outcome: Outcome): Promise<void> {
    const { store, reader, retry, clock, random } = this.#options;
    const reading = reader.read(outcome, { mxHost: null, domain: domain.name });
    while (domain.pending.length > 0 && !this.#stopping) {
      const ids = domain.pending.take(refusedPerTurn);
      const rows = store.messageRows(ids);
      this.#outstanding -= ids.length - rows.length;
      for (const row of rows) {
        const context = { policy: retry, nowMs: clock.now(), random: random() };
        this.#record({ settlement: settle(row, { outcome, reading }, context), domain: row.domain });
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#checkDone();
  }

  #planExpiry(): void {
    const { clock, store } = this.#options;
    this.#expireTimer = clock.after(expireEveryMs, () => {
      const expired = expireQueued({ rows: store, held: this.#domains.heldQueues(), nowMs: clock.now() });
      for (const settled of expired.settled) this.#record(settled);
      this.#gone(expired.missing);
      this.#planExpiry();
    });
  }

  #committed(batch: readonly Settled[]): void {
    this.#options.listener.committed(batch);
    this.#checkDone();
  }

  #trouble(error: unknown): void {
    this.#options.listener.trouble(error);
    for (const carrier of this.#carriers) {
      if (error === null) carrier.resume();
      else carrier.pause();
    }
    if (error === null) this.#planTurn();
  }

  #checkDone(): void {
    const isDone = this.#outstanding === 0 && this.#feed.exhausted && this.#settler.pending === 0;
    if (isDone) this.#ended?.resolve();
  }

  /** A promise that nobody waits for: its rejection is a bug and ends the run. */
  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => this.#ended?.reject(error));
  }

  async #shutDown(graceMs: number): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#laterTimer?.cancel();
    this.#expireTimer?.cancel();
    this.#domains.close();
    const stopped = new Promise<void>((resolve) => (this.#allStopped = resolve));
    for (const carrier of this.#carriers) carrier.stop(graceMs);
    if (this.#working > 0) await stopped;
    this.#settler.close();
  }
}
