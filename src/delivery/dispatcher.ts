import type { Clock, Timer } from '../base/index.ts';
import type { Outcome } from '../events/index.ts';
import type { CarrierPort, ConnectCarrier } from './carrier-port.ts';
import { Deal } from './deal.ts';
import { Domains } from './domains.ts';
import type { Domain } from './domains.ts';
import type { EngineListener } from './engine-listener.ts';
import { Expiry } from './expire.ts';
import { Feed } from './feed.ts';
import { guardedClock } from './guarded-clock.ts';
import { Later } from './later.ts';
import type { DeliveryStore, PathHold, Reader } from './ports.ts';
import { longestRetryMs } from './retry.ts';
import type { RetryPolicy } from './retry.ts';
import type { Router } from './route.ts';
import { settle } from './settle.ts';
import type { Attempted } from './settle.ts';
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

// Rows of unreachable domains settled in one turn: about 1 ms.
const refusedPerTurn = 64;
// How long the carriers may finish what is under way when the run ends by itself. Nothing is, unless something failed:
// then the outcomes that still come in are worth having.
const endGraceMs = 10_000;

type Refused = { readonly domain: Domain; readonly attempted: Attempted };

// Reading 1,000,000 ids at once makes garbage faster than it is collected: 180 MB at the peak. With this much dealt, pages
// come at 100,000 ids a second, still many times as fast as they are sent.
const plentyOfIds = 20_000;
const leisureMs = 20;

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
  readonly #later: Later;
  readonly #expiry: Expiry;
  readonly #carriers: CarrierPort[] = [];
  /** Domains that nothing can be sent to, while messages to them are left. */
  readonly #refused: Refused[] = [];
  /** Messages in memory that are not settled. */
  #outstanding = 0;
  #turnPlanned = false;
  /** Runs while the feed rests between two pages. */
  #feedTimer: Timer | null = null;
  #working = 0;
  #ended: { resolve: () => void; reject: (error: unknown) => void } | null = null;
  #allStopped: (() => void) | null = null;
  /** The end of the run, once it has begun. */
  #end: Promise<void> | null = null;
  #fault: { readonly error: unknown } | null = null;

  constructor(options: DispatcherOptions) {
    const { store, isPassing, retry } = options;
    const clock = guardedClock(options.clock, (error) => this.#fail(error));
    this.#options = { ...options, clock };
    this.#settler = new Settler({
      store,
      clock,
      isPassing,
      onCommitted: (batch) => this.#committed(batch),
      onTrouble: (error) => this.#trouble(error),
    });
    this.#domains = new Domains({
      ...this.#options,
      onRouted: (domain, site, id) => this.#deal.add({ domain: domain.name, site, id }),
      onRefused: (domain, outcome) => this.#refuse(domain, outcome),
      onHold: (hold) => this.#held(hold),
      onRelease: (hold) => this.#settler.release(hold),
      guard: (work) => this.#guard(work),
    });
    this.#deal = new Deal({ ...options, carriers: this.#carriers, plan: () => this.#planTurn() });
    this.#feed = new Feed(store);
    this.#later = new Later({
      clock,
      longestMs: longestRetryMs(retry),
      onDue: (id, domain) => this.#domains.enqueue(id, domain),
    });
    this.#expiry = new Expiry({
      clock,
      standing: () => this.#domains.standing(),
      read: (ids) => this.#settler.read(() => store.messageRows(ids)),
      mayWork: () => this.#settler.healthy,
      onExpired: (settled) => this.#record(settled),
      onMissing: (count) => this.#gone(count),
      onRoundEnd: () => this.#endIfNothingWaits(),
    });
  }

  /** Works until nothing is waiting or `stop` is called; rejects on a fault of the store, a carrier, or a bug. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => (this.#ended = { resolve, reject }));
    if (this.#end === null) {
      for (const [index, connect] of this.#options.carriers.entries()) this.#connect(connect, index);
      this.#expiry.start();
      this.#planTurn();
    } else this.#ended?.resolve();
    try {
      await ended;
    } finally {
      await this.#shutDown(endGraceMs);
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
      failed: (error) => this.#fail(error),
    });
    this.#carriers.push(carrier);
  }

  #planTurn(): void {
    if (this.#turnPlanned || this.#end !== null) return;
    this.#turnPlanned = true;
    setImmediate(() => {
      this.#turnPlanned = false;
      try {
        this.#turn();
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  /** One turn: a page of ids, dealt out together with what was routed since; some of what can never be sent. */
  #turn(): void {
    if (this.#end !== null || !this.#settler.healthy) return;
    if (this.#feedTimer === null && !this.#readPage()) return;
    this.#settleRefused();
    this.#deal.flush();
    const isReading = !this.#feed.exhausted && this.#feedTimer === null;
    if (isReading || this.#refused.length > 0) this.#planTurn();
    else this.#checkDone();
  }

  /** Takes the next page of ids; at leisure once there is plenty to do. Returns false when the store cannot be read. */
  #readPage(): boolean {
    const page = this.#settler.read(() => this.#feed.next());
    if (page === null) return false;
    for (const queued of page) this.#take(queued.id, queued.domain, queued.notBeforeMs);
    if (this.#outstanding > plentyOfIds && !this.#feed.exhausted) {
      this.#feedTimer = this.#options.clock.after(leisureMs, () => {
        this.#feedTimer = null;
        this.#planTurn();
      });
    }
    return true;
  }

  /** A message read from the feed: waits for its time, or goes on to its domain. */
  #take(id: number, domain: string, notBeforeMs: number): void {
    this.#outstanding++;
    if (notBeforeMs > this.#options.clock.now()) this.#later.wait(id, domain, notBeforeMs);
    else this.#domains.enqueue(id, domain);
  }

  #settled(batch: readonly Settled[], carrier: number): void {
    for (const settled of batch) this.#record(settled);
    this.#settler.acknowledgeTo(() => this.#carriers[carrier]?.acknowledge(batch.length));
  }

  #record(settled: Settled): void {
    this.#settler.add(settled);
    const { next, event } = settled.settlement;
    if (next.state !== 'waiting') this.#outstanding--;
    else if (this.#end === null) {
      // The stretch that it was given: the clock may have been set since, on its way from the carrier.
      const untilMs = this.#options.clock.now() + next.waiting.untilMs - event.atMs;
      this.#later.wait(event.messageId, settled.domain, untilMs);
    }
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

  #refuse(domain: Domain, outcome: Outcome): void {
    const reading = this.#options.reader.read(outcome, { mxHost: null, domain: domain.name });
    this.#refused.push({ domain, attempted: { outcome, reading } });
    this.#planTurn();
  }

  /** Settles a page of the messages of a domain that can never be reached. */
  #settleRefused(): void {
    const { store, retry, clock, random } = this.#options;
    const [first] = this.#refused;
    if (first === undefined) return;
    const { pending } = first.domain;
    const ids = pending.take(refusedPerTurn);
    const rows = this.#settler.read(() => store.messageRows(ids));
    if (rows === null) {
      pending.putBack(ids);
      return;
    }
    if (pending.length === 0) this.#refused.shift();
    this.#outstanding -= ids.length - rows.length;
    for (const row of rows) {
      const context = { policy: retry, nowMs: clock.now(), random: random() };
      this.#record({ settlement: settle(row, first.attempted, context), domain: row.domain });
    }
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

  /** Messages that were cancelled while they waited for a later time are still in memory: the store knows better. */
  #endIfNothingWaits(): void {
    const waiting = this.#settler.read(() => this.#options.store.waitingCount());
    if (waiting === 0 && this.#settler.pending === 0) this.#ended?.resolve();
  }

  /** A promise that nobody waits for: its rejection is a bug and ends the run. */
  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#fault ??= { error };
    this.#ended?.reject(error);
  }

  /** Once, whoever asks first; everybody waits for the same end. */
  #shutDown(graceMs: number): Promise<void> {
    this.#end ??= this.#windUp(graceMs);
    return this.#end;
  }

  async #windUp(graceMs: number): Promise<void> {
    this.#feedTimer?.cancel();
    this.#later.close();
    this.#expiry.close();
    this.#domains.close();
    const stopped = new Promise<void>((resolve) => (this.#allStopped = resolve));
    for (const carrier of this.#carriers) carrier.stop(graceMs);
    if (this.#working > 0) await stopped;
    this.#settler.close();
    if (this.#fault !== null) throw this.#fault.error;
  }
}
