import type { Clock, Timer } from '../base/index.ts';
import type { Outcome } from '../events/index.ts';
import { attempt } from './attempt.ts';
import type { Assignment, CarrierEvents, CarrierPort, SharedHold } from './carrier-port.ts';
import type { EgressPath, OpenSession, Source } from './egress-path.ts';
import { Expiry } from './expire.ts';
import { guardedClock } from './guarded-clock.ts';
import type { HostOptions } from './hosts.ts';
import { isSessionOver } from './outcome.ts';
import { PatientRows } from './patient-rows.ts';
import { Paths } from './paths.ts';
import type { PathsOptions } from './paths.ts';
import type { Composer, MessageRow, Reader, RowSource } from './ports.ts';
import type { RetryPolicy } from './retry.ts';
import { settle } from './settle.ts';
import type { Settled } from './settler.ts';

export type CarrierOptions = HostOptions & {
  readonly rows: RowSource;
  readonly composer: Composer;
  readonly reader: Reader;
  readonly clock: Clock;
  /** [0, 1). */
  readonly random: () => number;
  /** At least one. */
  readonly sources: readonly Source[];
  readonly retry: RetryPolicy;
  readonly messagesPerSession: number;
  /** Most sessions over all paths of the carrier; left out: 1,000. */
  readonly mostOpenSessions?: number;
  readonly settings: PathsOptions['settings'];
  /** How many carriers share the bound on what a crash sends twice; left out: this one alone. */
  readonly carrierCount?: number;
  readonly events: CarrierEvents;
};

// Composing and signing takes about 0.4 ms; eight of them leave a socket waiting for 3 ms at most.
const messagesPerTurn = 8;
// Rows read ahead per path: one page read serves this many messages.
const rowsReadAhead = 64;
// A path that is slower than that reads them again: what was cancelled meanwhile is not sent any more.
const rowsFreshMs = 1_000;
// Outcomes are reported together: a message between threads costs about as much as eight outcomes in it.
const reportLength = 64;
const reportDelayMs = 5;
// Outcomes of all carriers that may be on their way to the disk before no new attempt starts: the bound, beside what is in
// flight, on what a crash sends twice. 400 for each let a kill -9 on a busy machine send 439 twice; 100 for each of two is
// as fast (30,000 messages took 7.9 and 7.6 s of CPU, means of four, each run differing by more).
const mostUnacknowledged = 200;

/** One complete engine of a thread: paths, sessions, composing, signing, settling of the messages assigned to it. */
export class Carrier implements CarrierPort {
  readonly #options: CarrierOptions;
  readonly #paths: Paths;
  readonly #rows: PatientRows;
  readonly #expiry: Expiry;
  /** Sessions that may take a message, first come first served. */
  readonly #line: OpenSession[] = [];
  #report: Settled[] = [];
  #reportTimer: Timer | null = null;
  readonly #mostUnacknowledged: number;
  #unacknowledged = 0;
  #inFlight = 0;
  #turnPlanned = false;
  /** Messages that may still be composed in this turn. */
  #budget = messagesPerTurn;
  #paused = false;
  #stopping = false;
  #quiet: (() => void) | null = null;

  constructor(options: CarrierOptions) {
    const { events } = options;
    const clock = guardedClock(options.clock, (error) => events.failed(error));
    this.#options = { ...options, clock };
    // Never less than one report: with many cores it is that which bounds.
    this.#mostUnacknowledged = Math.max(
      reportLength,
      Math.floor(mostUnacknowledged / (options.carrierCount ?? 1)),
    );
    this.#rows = new PatientRows({ rows: options.rows, clock, onAgain: () => this.#wake() });
    this.#paths = new Paths({
      ...this.#options,
      onHungry: (open) => this.#standInLine(open),
      onHold: (hold, shared) => events.held(hold, shared),
      onRelease: (hold) => events.released(hold),
      mayDial: () => this.#mayStart(),
      guard: (work) => this.#guard(work),
    });
    this.#expiry = new Expiry({
      clock,
      standing: () => this.#paths.standing(),
      read: (ids) => this.#rows.read(ids),
      mayWork: () => this.#mayStart(),
      onExpired: (settled) => this.#tell(settled),
      onMissing: (count) => events.missing(count),
    });
    this.#expiry.start();
  }

  assign(batch: readonly Assignment[]): void {
    for (const { site, domain, mostSessions, ids } of batch) {
      const touched = new Set<EgressPath>();
      for (const id of ids) {
        const path = this.#paths.path(this.#sourceOf(id), site);
        path.ready.push(id);
        touched.add(path);
      }
      for (const path of touched) {
        path.count.limit(mostSessions);
        this.#paths.noteDomain(path, domain);
        this.#paths.pump(path);
      }
    }
  }

  share(shared: SharedHold): void {
    this.#paths.join(shared);
  }

  acknowledge(count: number): void {
    const blocked = !this.#hasCredit;
    this.#unacknowledged -= count;
    if (blocked && this.#mayStart()) this.#wake();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  stop(graceMs: number): void {
    if (this.#stopping) return;
    this.#stopping = true;
    const cut = this.#options.clock.after(graceMs, () => this.#paths.destroyAll());
    this.#quiet = (): void => {
      cut.cancel();
      this.#quiet = null;
      this.#guard(this.#shutDown());
    };
    this.#checkQuiet();
  }

  #mayStart(): boolean {
    return !this.#stopping && !this.#paused && this.#rows.readable && this.#hasCredit;
  }

  /** What sessions hold ahead of time is sent whatever happens meanwhile, so beyond two a session it uses up credit. */
  get #hasCredit(): boolean {
    const held = Math.max(0, this.#inFlight - 2 * this.#paths.sessionCount);
    return this.#unacknowledged + held < this.#mostUnacknowledged;
  }

  #wake(): void {
    this.#paths.wake();
    this.#planTurn();
  }

  #planTurn(): void {
    if (this.#turnPlanned) return;
    this.#turnPlanned = true;
    setImmediate(() => {
      this.#turnPlanned = false;
      this.#turn();
    });
  }

  /** One turn of the crank: up to `messagesPerTurn` messages for the hungry sessions in line. */
  #turn(): void {
    this.#budget = messagesPerTurn;
    while (this.#budget > 0 && this.#mayStart()) {
      const open = this.#line.shift();
      if (open === undefined) return;
      open.inLine = false;
      this.#serve(open);
    }
    if (this.#line.length > 0 && this.#mayStart()) this.#planTurn();
  }

  /**
   * Gives the session as many messages as it takes: when each body finds the next envelope waiting, both leave in one
   * write and are answered in one read.
   */
  #serve(open: OpenSession): void {
    try {
      do {
        const row = this.#paths.mayTake(open) ? this.#nextRow(open.path) : undefined;
        if (row === undefined) {
          this.#paths.next(open);
          return;
        }
        this.#budget--;
        this.#guard(this.#attempt(row, open));
      } while (this.#paths.mayTake(open) && this.#mayStart());
    } catch (error) {
      this.#options.events.failed(error);
    }
  }

  /**
   * A session may take a message. While nobody stands before it and the turn has room, it is served at once: an
   * envelope handed over in the turn of the last reply goes out with the next body, in one write and one round trip.
   */
  #standInLine(open: OpenSession): void {
    if (open.inLine) return;
    open.inLine = true;
    open.idle?.cancel();
    open.idle = null;
    this.#planTurn();
    if (this.#line.length === 0 && this.#budget > 0 && this.#mayStart()) {
      open.inLine = false;
      this.#serve(open);
    } else this.#line.push(open);
  }

  /** The same source for each try of a message: greylisting remembers the address (RFC 6647 §2.3). */
  #sourceOf(id: number): Source {
    const { sources } = this.#options;
    const source = sources[id % sources.length];
    if (source === undefined) throw new Error('carrier without a source');
    return source;
  }

  #nextRow(path: EgressPath): MessageRow | undefined {
    const nowMs = this.#options.clock.monotonic();
    if (nowMs - path.rowsReadMs > rowsFreshMs) path.returnRows();
    const row = path.rows.pop();
    if (row !== undefined || path.ready.length === 0) return row;
    const ids = path.ready.take(rowsReadAhead);
    const rows = this.#rows.read(ids);
    if (rows === null) {
      path.ready.putBack(ids);
      return undefined;
    }
    // What is settled meanwhile (cancelled by another command) is simply gone.
    if (rows.length < ids.length) this.#options.events.missing(ids.length - rows.length);
    path.rows = rows.toReversed();
    path.rowsReadMs = nowMs;
    return path.rows.pop();
  }

  async #attempt(row: MessageRow, open: OpenSession): Promise<void> {
    const { path } = open;
    this.#inFlight++;
    path.inFlight++;
    open.inFlight++;
    open.sent++;
    try {
      const { tried, outcome } = await attempt(row, open, this.#options);
      if (tried && !isSessionOver(outcome, open.decided)) this.#settle(row, open, outcome);
      else path.giveBack(row);
      // Also for one that was not tried: a server that ends every session before the first message gets no rest otherwise.
      this.#paths.holdIfUseless(path, outcome);
    } finally {
      this.#inFlight--;
      path.inFlight--;
      open.inFlight--;
      if (this.#stopping) this.#checkQuiet();
      // What was not tried after all leaves its credit to those in line.
      if (this.#line.length > 0) this.#planTurn();
    }
    this.#paths.pump(path);
    this.#paths.next(open);
  }

  #settle(row: MessageRow, open: OpenSession, outcome: Outcome): void {
    const { clock, random, retry, reader } = this.#options;
    const reading = reader.read(outcome, { mxHost: outcome.host, domain: row.domain });
    const attempted = { outcome, reading };
    const settlement = settle(row, attempted, { policy: retry, nowMs: clock.now(), random: random() });
    this.#tell({ settlement, domain: row.domain });
    this.#paths.learn(open, attempted);
  }

  #tell(settled: Settled): void {
    this.#report.push(settled);
    this.#unacknowledged++;
    // Nothing more can join a report once the credit is used up and this was the last one under way.
    const isLast = this.#inFlight <= 1 && !this.#hasCredit;
    if (isLast || this.#report.length >= reportLength) this.#sendReport();
    else this.#reportTimer ??= this.#options.clock.after(reportDelayMs, () => this.#sendReport());
  }

  #sendReport(): void {
    this.#reportTimer?.cancel();
    this.#reportTimer = null;
    if (this.#report.length === 0) return;
    const report = this.#report;
    this.#report = [];
    this.#options.events.settled(report);
  }

  #checkQuiet(): void {
    if (this.#inFlight === 0) this.#quiet?.();
  }

  /** A promise that nobody waits for: its rejection is a bug and ends the run. */
  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => this.#options.events.failed(error));
  }

  async #shutDown(): Promise<void> {
    this.#expiry.close();
    this.#rows.close();
    await this.#paths.close();
    this.#sendReport();
    this.#options.events.stopped();
  }
}
