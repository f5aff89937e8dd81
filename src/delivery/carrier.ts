import type { Clock, Timer } from '../base/index.ts';
import type { Outcome, OutcomeReading } from '../events/index.ts';
import type { ReactionRule } from '../knowledge/index.ts';
import { attempt } from './attempt.ts';
import type { Assignment, CarrierEvents, CarrierPort, SharedHold } from './carrier-port.ts';
import type { EgressPath, OpenSession, Picked, Source } from './egress-path.ts';
import { Expiry } from './expire.ts';
import { guardedClock } from './guarded-clock.ts';
import type { HostOptions } from './hosts.ts';
import { isSessionOver } from './outcome.ts';
import { createShaper } from './path-shaper.ts';
import type { ShaperFacts } from './path-shaper.ts';
import { PatientRows } from './patient-rows.ts';
import { Paths } from './paths.ts';
import type { PathsOptions } from './paths.ts';
import type { Composer, MessageRow, Reader, RowSource } from './ports.ts';
import type { Suspension, SuspensionTarget } from './reaction.ts';
import { createKeeps } from './reactions.ts';
import type { Taken } from './ready-queue.ts';
import type { RetryPolicy } from './retry.ts';
import { settle } from './settle.ts';
import type { Attempted } from './settle.ts';
import type { Settled } from './settler.ts';
import { TlsSessions } from './tls-sessions.ts';

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
  /** Where no limit says less. */
  readonly messagesPerSession: number;
  /** Which refusals are about us; left out: none. */
  readonly reactions?: readonly ReactionRule[];
  /** Limits, and what was learnt in earlier runs; left out: none. */
  readonly shaped?: ShaperFacts;
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
  readonly #tls: TlsSessions;
  readonly #keeps: ReturnType<typeof createKeeps>;
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
    this.#keeps = createKeeps(options.reactions ?? []);
    this.#rows = new PatientRows({ rows: options.rows, clock, onAgain: () => this.#wake() });
    this.#tls = new TlsSessions({ clock, report: (batch) => events.tlsSeen?.(batch) });
    this.#paths = new Paths({
      ...this.#options,
      backoffs: options.retry.ways,
      shaper: createShaper({ ...options, clock }),
      onPace: (report) => events.paced(report),
      onTls: (site, sighting) => this.#tls.seen(site, sighting),
      onHungry: (open) => this.#standInLine(open),
      onHold: (hold, shared) => events.held(hold, shared),
      onRelease: (hold) => events.released(hold),
      onLimited: (site) => events.limited(site),
      onFailure: (failure) => events.wayFailed(failure),
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
    for (const { site, domain, flow, source, mostSessions, ids } of batch) {
      const touched = new Set<EgressPath>();
      this.#tls.serves(site.name, domain);
      for (const id of ids) {
        const path = this.#paths.path(this.#sourceOf(source ?? id), site);
        path.ready.push(id, flow);
        touched.add(path);
      }
      for (const path of touched) {
        path.count.limit(mostSessions);
        path.retired = false;
        this.#paths.noteDomain(path, domain);
        this.#paths.pump(path);
      }
    }
  }

  retire(site: string): void {
    for (const path of this.#paths.ofSite(site)) {
      path.returnRows();
      for (const { flow, ids } of path.ready.takeAll()) this.#options.events.closed({ site, flow, ids });
      this.#paths.retire(path);
    }
  }

  share(shared: SharedHold): void {
    this.#paths.join(shared);
  }

  suspend(stops: readonly Suspension[]): void {
    for (const stop of stops) {
      this.#paths.suspend(stop);
      if (stop.target.scope === 'campaign' || stop.target.scope === 'domain-at-site')
        this.#sendBackStopped(stop);
    }
  }

  lift(targets: readonly SuspensionTarget[]): void {
    for (const target of targets) this.#paths.lift(target);
  }

  slowDown(target: SuspensionTarget, factor: number): void {
    for (const path of this.#paths.under(target)) this.#paths.slowDown(path, factor);
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
        const picked = this.#paths.mayTake(open) ? this.#nextRow(open.path) : undefined;
        if (picked === undefined) {
          this.#paths.next(open);
          return;
        }
        this.#budget--;
        this.#guard(this.#attempt(picked, open));
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
    } else if (open.path.urgent) this.#line.unshift(open);
    else this.#line.push(open);
  }

  /** The same source for each try of a message: greylisting remembers the address (RFC 6647 §2.3). */
  #sourceOf(number: number): Source {
    const { sources } = this.#options;
    const source = sources[number % sources.length];
    if (source === undefined) throw new Error('carrier without a source');
    return source;
  }

  #nextRow(path: EgressPath): Picked | undefined {
    const nowMs = this.#options.clock.monotonic();
    if (nowMs - path.rowsReadMs > rowsFreshMs) path.returnRows();
    this.#sendBackClosed(path);
    // A transactional message does not wait behind what was read ahead before it came.
    const overtakes = path.ready.urgent > 0 && path.rows.at(-1)?.flow.stream !== 'transactional';
    const picked = overtakes ? undefined : path.rows.pop();
    if (picked !== undefined || path.ready.length === 0) return picked;
    const taken = path.ready.take(overtakes ? Math.min(path.ready.urgent, rowsReadAhead) : rowsReadAhead);
    const rows = this.#rows.read(taken.ids);
    if (rows === null) {
      path.ready.putBack(taken);
      return undefined;
    }
    // What is settled meanwhile (cancelled by another command) is simply gone.
    if (rows.length < taken.ids.length) this.#options.events.missing(taken.ids.length - rows.length);
    if (path.rows.length === 0) path.rowsReadMs = nowMs;
    const going = this.#goingOf(inTurn(rows, taken), path);
    // Pages of which everything stays count as work: a large campaign that is stopped leaves no turn to others else.
    if (going.length === 0) this.#budget--;
    path.rows.push(...going);
    return path.rows.pop();
  }

  /** What a stop keeps of a path's messages is the dispatcher's again; what is read ahead is looked at once more. */
  #sendBackStopped({ target }: Suspension): void {
    for (const path of this.#paths.all()) {
      path.returnRows();
      if (target.campaignId === null) continue;
      for (const { flow, ids } of path.ready.takeCampaign(target.campaignId))
        this.#options.events.closed({ site: path.site.name, flow, ids });
    }
  }

  /** Without those that a stop keeps although the path is open. */
  #goingOf(picked: readonly Picked[], path: EgressPath): readonly Picked[] {
    if (!this.#paths.stopsParts) return picked;
    const going: Picked[] = [];
    for (const each of picked) {
      const { row, flow } = each;
      if (this.#paths.stopOf(row, path) === null) going.push(each);
      else {
        const own = { ...flow, campaignId: row.campaignId };
        this.#options.events.closed({ site: path.site.name, flow: own, ids: [row.id] });
      }
    }
    return going;
  }

  /** Messages whose window has closed wait for its next opening, which is not the path's business. */
  #sendBackClosed(path: EgressPath): void {
    const { clock, events } = this.#options;
    if (path.ready.closesMs === Infinity || clock.now() < path.ready.closesMs) return;
    path.returnRows();
    for (const { flow, ids } of path.ready.takeClosed(clock.now())) {
      events.closed({ site: path.site.name, flow, ids });
    }
  }

  async #attempt(picked: Picked, open: OpenSession): Promise<void> {
    const { path } = open;
    const { row, flow } = picked;
    this.#inFlight++;
    path.inFlight++;
    open.inFlight++;
    open.sent++;
    this.#paths.started(open);
    this.#tls.used(open.session, row.domain);
    try {
      const { tried, outcome } = await attempt(
        { row, urgent: flow.stream === 'transactional' },
        open,
        this.#options,
      );
      if (tried && !isSessionOver(outcome, open.decided)) this.#settle(picked, open, outcome);
      else {
        if (tried) this.#paths.sessionEnded(open, { outcome, reading: this.#read(outcome, row) });
        path.giveBack(picked);
        if (path.retired) this.retire(path.site.name);
      }
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

  #settle({ row, flow }: Picked, open: OpenSession, outcome: Outcome): void {
    const { clock, random, retry } = this.#options;
    const attempted = { outcome, reading: this.#read(outcome, row) };
    const { domain, campaignId } = row;
    const context = {
      policy: retry,
      nowMs: clock.now(),
      random: random(),
      keeps: this.#isKept(attempted, domain),
    };
    const settlement = settle(row, attempted, context);
    const isWaiting = settlement.next.state === 'waiting';
    this.#tell({ settlement, domain, campaignId, ...(isWaiting ? { flow } : {}) });
    this.#paths.learn(open, attempted);
  }

  /** A refusal that is about us and not about the recipient. */
  #isKept({ outcome, reading }: Attempted, domain: string): boolean {
    if (outcome.kind !== 'refused') return false;
    const provider = this.#options.shaped?.providerOf({ mxHost: outcome.host, domain }) ?? null;
    return this.#keeps({ outcome, reading, provider });
  }

  #read(outcome: Outcome, { domain }: MessageRow): OutcomeReading {
    return this.#options.reader.read(outcome, { mxHost: outcome.host, domain });
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
    this.#tls.close();
    this.#sendReport();
    this.#options.events.stopped();
  }
}

/** The rows read, the one to be sent first last. They come in the order asked, without those that are settled. */
function inTurn(rows: readonly MessageRow[], { ids, lanes }: Taken): Picked[] {
  const picked: Picked[] = [];
  let at = ids.length - 1;
  for (const row of rows.toReversed()) {
    while (at >= 0 && ids[at] !== row.id) at--;
    const flow = lanes[at]?.flow;
    if (flow === undefined) throw new Error('the store gave rows in another order than asked for');
    picked.push({ row, flow });
  }
  return picked;
}
