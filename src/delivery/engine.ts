import type { Clock, Timer } from '../base/index.ts';
import type { Outcome } from '../events/index.ts';
import { attempt } from './attempt.ts';
import { Domains } from './domains.ts';
import type { Domain } from './domains.ts';
import { DueHeap } from './due-heap.ts';
import type { EgressPath, OpenSession, Source } from './egress-path.ts';
import { expireQueued } from './expire.ts';
import { Feed } from './feed.ts';
import type { HostOptions } from './hosts.ts';
import { isSessionOver } from './outcome.ts';
import { Paths } from './paths.ts';
import type { PathsOptions } from './paths.ts';
import type { Composer, DeliveryStore, MessageRow, PathHold, Reader } from './ports.ts';
import type { RetryPolicy } from './retry.ts';
import type { Router } from './route.ts';
import { settle } from './settle.ts';
import type { Attempted } from './settle.ts';
import { Settler } from './settler.ts';
import type { Settled } from './settler.ts';
import type { Site } from './site.ts';

export type EngineOptions = HostOptions & {
  readonly store: DeliveryStore;
  readonly composer: Composer;
  readonly reader: Reader;
  readonly router: Router;
  readonly clock: Clock;
  /** [0, 1). */
  readonly random: () => number;
  /** At least one. */
  readonly sources: readonly Source[];
  readonly retry: RetryPolicy;
  readonly mostSessions: number;
  readonly messagesPerSession: number;
  readonly settings: PathsOptions['settings'];
  /** true for a store failure that passes, e.g. a full disk. */
  readonly isPassing: (error: unknown) => boolean;
  readonly listener: EngineListener;
};

/** What the engine tells while it works; called after the fact is durable. */
export type EngineListener = {
  committed(batch: readonly Settled[]): void;
  held(hold: PathHold): void;
  /** The store cannot take more (`error`), or takes again (null). */
  trouble(error: unknown): void;
};

// Composing and signing takes about 0.4 ms; eight of them leave a socket waiting for 3 ms at most.
const messagesPerTurn = 8;
// Rows read ahead per path: one page read serves this many messages.
const rowsReadAhead = 64;
// How often messages behind a hold are looked through for those whose lifetime has ended.
const expireEveryMs = 30_000;

type Later = { readonly dueMs: number; readonly id: number; readonly domain: string };

/** Brings everything unsettled in the store to its end. One per thread; `run` once. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #settler: Settler;
  readonly #domains: Domains;
  readonly #paths: Paths;
  readonly #feed: Feed;
  readonly #later = new DueHeap<Later>();
  /** Sessions that may take a message, first come first served. */
  readonly #line: OpenSession[] = [];
  #laterTimer: Timer | null = null;
  #expireTimer: Timer | null = null;
  /** Messages in memory that are not settled. */
  #outstanding = 0;
  #inFlight = 0;
  #turnPlanned = false;
  #stopping = false;
  #ended: { resolve: () => void; reject: (error: unknown) => void } | null = null;
  #quiet: (() => void) | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { store, clock, isPassing, listener } = options;
    this.#settler = new Settler({
      store,
      clock,
      isPassing,
      onCommitted: (batch) => this.#committed(batch),
      onTrouble: (error) => this.#trouble(error),
    });
    const holds = {
      onHold: (hold: PathHold): void => {
        this.#settler.hold(hold);
        listener.held(hold);
      },
      onRelease: (hold: PathHold): void => this.#settler.release(hold),
      guard: (work: Promise<void>): void => this.#guard(work),
    };
    this.#domains = new Domains({
      ...options,
      ...holds,
      onRouted: (domain, site, id) => this.#routed(domain, site, id),
      onRefused: (domain, outcome) => this.#guard(this.#refuse(domain, outcome)),
    });
    this.#paths = new Paths({
      ...options,
      ...holds,
      onHungry: (open) => this.#standInLine(open),
      mayDial: () => this.#mayStart(),
    });
    this.#feed = new Feed(store);
  }

  /** Works until nothing is waiting or `stop` is called; rejects on a fault of the store or a bug. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => (this.#ended = { resolve, reject }));
    this.#planExpiry();
    this.#planTurn();
    try {
      await ended;
    } finally {
      await this.#shutDown();
    }
  }

  /** Ends cleanly: starts nothing new, waits up to `graceMs` for what is under way, writes it all down. */
  stop(graceMs: number): void {
    if (this.#stopping) return;
    this.#stopping = true;
    const cut = this.#options.clock.after(graceMs, () => this.#paths.destroyAll());
    this.#quiet = (): void => {
      cut.cancel();
      this.#ended?.resolve();
    };
    this.#checkQuiet();
  }

  #mayStart(): boolean {
    return !this.#stopping && this.#settler.healthy;
  }

  #planTurn(): void {
    if (this.#turnPlanned) return;
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

  /** One turn of the crank: a page of ids, then up to `messagesPerTurn` messages for the hungry sessions in line. */
  #turn(): void {
    if (!this.#mayStart()) return;
    for (const queued of this.#feed.next()) this.#take(queued.id, queued.domain, queued.notBeforeMs);
    for (let budget = messagesPerTurn; budget > 0;) {
      const open = this.#line.shift();
      if (open === undefined) break;
      open.inLine = false;
      if (this.#serve(open)) budget--;
    }
    if (this.#line.length > 0 || !this.#feed.exhausted) this.#planTurn();
    else this.#checkDone();
  }

  /** Gives the session its next message. Returns false when there was none to give. */
  #serve(open: OpenSession): boolean {
    if (!this.#paths.mayTake(open)) return false;
    const row = this.#nextRow(open.path);
    if (row === undefined) {
      this.#paths.rest(open);
      return false;
    }
    this.#guard(this.#attempt(row, open));
    if (this.#paths.mayTake(open)) this.#standInLine(open);
    return true;
  }

  #standInLine(open: OpenSession): void {
    if (open.inLine) return;
    open.inLine = true;
    open.idle?.cancel();
    open.idle = null;
    this.#line.push(open);
    this.#planTurn();
  }

  /** A message read from the feed: waits for its time, or goes on to its domain. */
  #take(id: number, domain: string, notBeforeMs: number): void {
    this.#outstanding++;
    if (notBeforeMs > this.#options.clock.now()) this.#wait({ dueMs: notBeforeMs, id, domain });
    else this.#domains.enqueue(id, domain);
  }

  #routed(domain: Domain, site: Site, id: number): void {
    const { sources } = this.#options;
    // The same source for each try of a message: greylisting remembers the address (RFC 6647 §2.3).
    const source = sources[id % sources.length];
    if (source === undefined) throw new Error('engine without a source');
    const path = this.#paths.path(source, site);
    this.#paths.noteDomain(path, domain.name);
    path.ready.push(id);
    this.#paths.pump(path);
  }

  #nextRow(path: EgressPath): MessageRow | undefined {
    const row = path.rows.pop();
    if (row !== undefined || path.ready.length === 0) return row;
    const ids = path.ready.take(rowsReadAhead);
    const rows = this.#options.store.messageRows(ids);
    // What is settled meanwhile (cancelled by another command) is simply gone.
    this.#outstanding -= ids.length - rows.length;
    path.rows = rows.toReversed();
    return path.rows.pop();
  }

  async #attempt(row: MessageRow, open: OpenSession): Promise<void> {
    const { path } = open;
    this.#inFlight++;
    path.inFlight++;
    open.inFlight++;
    open.sent++;
    const outcome = await attempt(row, open, this.#options);
    this.#inFlight--;
    path.inFlight--;
    open.inFlight--;
    if (outcome === null || isSessionOver(outcome, open.decided)) path.giveBack(row);
    else this.#settle(row, open, outcome);
    if (this.#stopping) this.#checkQuiet();
    this.#paths.pump(path);
    this.#paths.next(open);
  }

  #settle(row: MessageRow, open: OpenSession, outcome: Outcome): void {
    const attempted = this.#read(row.domain, outcome);
    this.#record(row, attempted);
    this.#paths.learn(open, attempted);
    this.#paths.holdIfUseless(open.path, outcome);
  }

  #read(domain: string, outcome: Outcome): Attempted {
    return { outcome, reading: this.#options.reader.read(outcome, { mxHost: outcome.host, domain }) };
  }

  #record(row: MessageRow, attempted: Attempted): void {
    const { clock, random, retry } = this.#options;
    const settlement = settle(row, attempted, { policy: retry, nowMs: clock.now(), random: random() });
    this.#settler.add(settlement, row.domain);
    const { next } = settlement;
    if (next.state === 'waiting') this.#wait({ dueMs: next.waiting.untilMs, id: row.id, domain: row.domain });
    else this.#outstanding--;
  }

  #wait(later: Later): void {
    const first = this.#later.next;
    this.#later.push(later);
    if (first === undefined || later.dueMs < first.dueMs) this.#planLater();
  }

  #planLater(): void {
    this.#laterTimer?.cancel();
    const next = this.#later.next;
    if (next === undefined) return;
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
    const attempted = this.#read(domain.name, outcome);
    while (domain.pending.length > 0 && !this.#stopping) {
      const ids = domain.pending.take(rowsReadAhead);
      const rows = this.#options.store.messageRows(ids);
      this.#outstanding -= ids.length - rows.length;
      for (const row of rows) this.#record(row, attempted);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#checkDone();
  }

  #planExpiry(): void {
    const { clock, store } = this.#options;
    this.#expireTimer = clock.after(expireEveryMs, () => {
      const expired = expireQueued({
        store,
        domains: this.#domains.all,
        paths: this.#paths.all,
        nowMs: clock.now(),
      });
      for (const { settlement, domain } of expired.settled) this.#settler.add(settlement, domain);
      this.#outstanding -= expired.settled.length + expired.missing;
      this.#checkDone();
      this.#planExpiry();
    });
  }

  #committed(batch: readonly Settled[]): void {
    this.#options.listener.committed(batch);
    this.#checkDone();
  }

  #trouble(error: unknown): void {
    this.#options.listener.trouble(error);
    if (error !== null) return;
    for (const path of this.#paths.all) this.#paths.pump(path);
    this.#planTurn();
  }

  #checkDone(): void {
    if (this.#outstanding === 0 && this.#feed.exhausted && this.#settler.pending === 0)
      this.#ended?.resolve();
  }

  #checkQuiet(): void {
    if (this.#inFlight === 0) this.#quiet?.();
  }

  /** A promise that nobody waits for: its rejection is a bug and ends the run. */
  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => this.#ended?.reject(error));
  }

  async #shutDown(): Promise<void> {
    this.#stopping = true;
    this.#laterTimer?.cancel();
    this.#expireTimer?.cancel();
    this.#domains.close();
    await this.#paths.close();
    this.#settler.flush();
  }
}
