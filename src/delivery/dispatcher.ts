import type { Timer } from '../base/index.ts';
import type { CarrierPort, ConnectCarrier, Returned } from './carrier-port.ts';
import { ClosedWindows } from './closed-windows.ts';
import { Crowd } from './crowd.ts';
import { Deal } from './deal.ts';
import type { DispatcherOptions } from './dispatcher-options.ts';
import { Domains } from './domains.ts';
import { Expiry } from './expire.ts';
import type { Standing } from './expire.ts';
import { Feed } from './feed.ts';
import type { Flow } from './flow.ts';
import { Flows } from './flows.ts';
import type { FlowState } from './flows.ts';
import { guardedClock } from './guarded-clock.ts';
import { Later } from './later.ts';
import type { Waiter } from './later.ts';
import type { ArrivedMessage, PathHold, QueuedMessage } from './ports.ts';
import { PaceBook } from './pace-book.ts';
import { longestRetryMs } from './retry.ts';
import { anyHours } from './sending-hours.ts';
import { Scheduled } from './scheduled.ts';
import { RefusedDomains } from './refused-domains.ts';
import { ReactionBook } from './reaction-book.ts';
import type { LiftRequest } from './reaction-ports.ts';
import type { Reaction, Suspension } from './reaction.ts';
import { Settler } from './settler.ts';
import { SourceChoice } from './source-choice.ts';
import { DayWait } from './day-wait.ts';
import type { Site } from './site.ts';
import type { Settled } from './settler.ts';

// Ids alone: 3 ms.
const releasedPerTurn = 5_000;
// Rows read of what waited for its window: about 3 ms.
const openedPerTurn = 500;
// How long the carriers may finish what is under way when the run ends by itself. Nothing is, unless something failed:
// then the outcomes that still come in are worth having.
const endGraceMs = 10_000;

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
  readonly #crowd = new Crowd(() => this.#planTurn());
  readonly #later: Later;
  readonly #scheduled: Scheduled;
  readonly #flows: Flows;
  readonly #closed: ClosedWindows;
  readonly #expiry: Expiry;
  readonly #paces: PaceBook;
  readonly #reactions: ReactionBook;
  readonly #choice: SourceChoice | null;
  readonly #days: DayWait;
  readonly #carriers: CarrierPort[] = [];
  readonly #refused: RefusedDomains;
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
      backoffs: retry.ways,
      onRouted: (message, site) => this.#routed(message, site),
      onMoved: (site) => {
        for (const carrier of this.#carriers) carrier.retire(site);
      },
      onRefused: (domain, outcome) => {
        this.#refused.add(domain, outcome);
        this.#planTurn();
      },
      onHold: (hold) => this.#held(hold),
      onRelease: (hold) => this.#settler.release(hold),
      guard: (work) => this.#guard(work),
    });
    this.#deal = new Deal({ ...options, carriers: this.#carriers, plan: () => this.#planTurn() });
    this.#refused = this.#refusedDomains();
    this.#feed = new Feed(store);
    this.#later = new Later({
      clock,
      longestMs: longestRetryMs(retry),
      onDue: (waiter) => this.#offer(waiter),
    });
    this.#scheduled = new Scheduled({ clock, onDue: (waiter) => this.#offer(waiter) });
    this.#flows = new Flows(options.hours ?? anyHours);
    this.#closed = new ClosedWindows({
      clock,
      stateOf: (flow) => this.#stateOf(flow),
      onRest: (flow) => this.#rests(flow),
      onOpen: () => this.#planTurn(),
    });
    this.#paces = new PaceBook({
      store: options.paces ?? null,
      clock,
      use: (work) => this.#settler.read(work),
    });
    const providerOf = options.providerIdOf ?? ((): null => null);
    this.#choice =
      options.warmup === undefined ? null : new SourceChoice({ ...options.warmup, clock, providerOf });
    this.#days = new DayWait({
      clock,
      onHold: (hold) => this.#held(hold),
      onRelease: (hold) => this.#settler.release(hold),
      onBack: (waiter) => this.#offer(waiter),
    });
    this.#reactions = new ReactionBook({
      rules: options.reactions ?? [],
      store: options.reactionStore ?? null,
      clock,
      providerOf,
      siteOf: (domain) => this.#domains.siteOf(domain),
      use: (work) => this.#settler.read(work),
      onStop: (stops) => this.#stopped(stops),
      onLift: (stops) => this.#lifted(stops),
      onSlowDown: (target, factor) => {
        for (const carrier of this.#carriers) carrier.slowDown(target, factor);
      },
      onReaction: (reaction) => options.listener.reacted?.(reaction),
    });
    this.#expiry = new Expiry({
      clock,
      standing: () => this.#standing(),
      read: (ids) => this.#settler.read(() => store.messageRows(ids)),
      mayWork: () => this.#settler.healthy,
      onExpired: (settled) => this.#record(settled),
      onMissing: (count) => this.#gone(count),
      onRoundEnd: () => this.#endIfNothingWaits(),
    });
  }

  #refusedDomains(): RefusedDomains {
    return new RefusedDomains({
      ...this.#options,
      read: (work) => this.#settler.read(work),
      onSettled: (settled) => this.#record(settled),
      onMissing: (count) => (this.#outstanding -= count),
    });
  }

  /** Works until nothing is waiting or `stop` is called; rejects on a fault of the store, a carrier, or a bug. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => (this.#ended = { resolve, reject }));
    if (this.#end === null) {
      for (const [index, connect] of this.#options.carriers.entries()) this.#connect(connect, index);
      this.#reactions.start();
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

  /** Lifts stops that reactions made, before their time; returns how many. */
  lift(request: LiftRequest): number {
    return this.#end === null ? this.#reactions.lift(request, 'operator') : 0;
  }

  /** Stops what somebody wants stopped; false: nothing was changed. */
  hold(reaction: Reaction): boolean {
    return this.#end === null && this.#reactions.hold(reaction);
  }

  /** Campaigns were opened since the run began. What is transactional among them is on its way in this turn. */
  opened(campaignIds: readonly number[]): void {
    this.#feed.add(campaignIds);
    this.#planTurn();
  }

  /** Messages were stored since the run began; what is stored before its first page is found with everything else. */
  arrived(messages: readonly ArrivedMessage[]): void {
    if (!this.#feed.begun || this.#end !== null) return;
    for (const message of messages) {
      const { id, domain, campaignId, stream } = message;
      const campaign = { id: campaignId, stream, window: null, timezone: null, lastId: 0 };
      this.#take({ id, domain, flow: this.#flows.flowOf(campaign, message) }, message);
    }
    this.#planTurn();
  }

  #connect(connect: ConnectCarrier, index: number): void {
    this.#working++;
    const carrier = connect({
      settled: (batch) => this.#settled(batch, index),
      missing: (count) => this.#lost(count),
      closed: (returned) => this.#returned(returned),
      held: (hold, shared) => {
        this.#held(hold);
        this.#domains.lookAgain(hold);
        for (const [other, each] of this.#carriers.entries()) if (other !== index) each.share(shared);
      },
      released: (hold) => this.#settler.release(hold),
      paced: ({ stored, event, shown }) => {
        this.#paces.take(stored, event);
        for (const hold of shown) this.#settler.hold(hold);
      },
      limited: (site) => this.#limited(site, index),
      wayFailed: (failure) => this.#reactions.failed(failure),
      tlsSeen: (batch) => this.#options.listener.tlsSeen?.(batch),
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
    if ((this.#feedTimer === null || this.#feed.urgent) && !this.#readPage()) return;
    const isOpening = this.#takeOpened() || this.#takeReleased();
    this.#refused.settleSome();
    this.#deal.flush();
    const isReading = !this.#feed.exhausted && this.#feedTimer === null;
    if (isReading || isOpening || this.#refused.any) this.#planTurn();
    else this.#checkDone();
  }

  /** Takes the next page of ids; at leisure once there is plenty to do. Returns false when the store cannot be read. */
  #readPage(): boolean {
    const page = this.#settler.read(() => this.#feed.next());
    if (page === null) return false;
    for (const { queued, campaign } of page) {
      const { id, domain } = queued;
      this.#take({ id, domain, flow: this.#flows.flowOf(campaign, queued) }, queued);
    }
    if (this.#feedTimer === null && this.#outstanding > plentyOfIds && !this.#feed.exhausted) {
      this.#feedTimer = this.#options.clock.after(leisureMs, () => {
        this.#feedTimer = null;
        this.#planTurn();
      });
    }
    return true;
  }

  /** A message read from the feed, or just stored: waits for its time, or goes on to its domain. */
  #take(message: Waiter, { notBeforeMs, attempts }: QueuedMessage): void {
    this.#outstanding++;
    if (notBeforeMs <= this.#options.clock.now()) this.#offer(message);
    // Its sender has named the time, not we.
    else if (attempts === 0) this.#scheduled.wait(message, notBeforeMs);
    else this.#later.wait(message, notBeforeMs);
  }

  /** A message that may be tried: goes on to its domain, or waits until its window opens. */
  #offer(message: Waiter): void {
    const { id, domain, flow: before } = message;
    if (before.window === '' && this.#reactions.heldUntilMs(before.campaignId) === null) {
      this.#domains.enqueue(message);
      return;
    }
    const { flow, opensMs } = this.#stateOf(before);
    if (opensMs === null) this.#domains.enqueue({ id, domain, flow });
    else this.#closed.add(flow, [id]);
  }

  /** A message has a way: one that may be taken now, or only on another day. */
  #routed(message: Waiter, site: Site): void {
    if (this.#deal.isTooMuch(message, site)) {
      this.#crowd.put(site.name, message);
      return;
    }
    if (this.#choice === null) {
      this.#deal.add(message, site);
      return;
    }
    const choice = this.#choice.choose(message.id, message.domain, site.hosts[0]?.host ?? null);
    if (choice.kind === 'source') this.#deal.add(message, site, choice.index);
    else this.#days.put(message, { site: site.name, detail: choice.detail, untilMs: choice.untilMs });
  }

  /** Whether a flow may be sent: its window is open, and its campaign is not held. */
  #stateOf(before: Flow): FlowState {
    const state = this.#flows.at(before, this.#options.clock.now());
    const heldMs = this.#reactions.heldUntilMs(before.campaignId);
    if (heldMs === null) return state;
    return { flow: state.flow, opensMs: Math.max(heldMs, state.opensMs ?? 0) };
  }

  #rests(flow: Flow): void {
    const { opensMs } = this.#flows.at(flow, this.#options.clock.now());
    if (opensMs !== null) this.#options.listener.waitsForWindow?.(flow, opensMs);
  }

  #stopped(stops: readonly Suspension[]): void {
    for (const carrier of this.#carriers) carrier.suspend(stops);
    for (const stop of stops) if (stop.target.scope === 'domain-at-site') this.#domains.suspend(stop);
  }

  #lifted(stops: readonly Suspension[]): void {
    for (const carrier of this.#carriers) carrier.lift(stops.map(({ target }) => target));
    for (const { target } of stops) if (target.domain !== null) this.#domains.lift(target.domain);
    this.#closed.again();
  }

  /** Reads again what waited for its window; true when there may be more of it. */
  #takeOpened(): boolean {
    const opened = this.#closed.take(openedPerTurn);
    if (opened === null) return false;
    const { flow, ids, putBack } = opened;
    const rows = this.#settler.read(() => this.#options.store.messageRows(ids));
    if (rows === null) {
      putBack();
      return false;
    }
    this.#outstanding -= ids.length - rows.length;
    // What shared a lane with many other campaigns has a flow of its own again.
    for (const { id, domain, campaignId } of rows)
      this.#offer({ id, domain, flow: campaignId === flow.campaignId ? flow : { ...flow, campaignId } });
    return true;
  }

  /** Brings those to their carriers whose sites are known now; true when there may be more of them. */
  #takeReleased(): boolean {
    for (const message of this.#crowd.take(releasedPerTurn)) this.#offer(message);
    return this.#crowd.isReleasing;
  }

  /** One carrier keeps the limits of a site that has shown one; what the others have for it comes back from them. */
  #limited(site: string, carrier: number): void {
    for (const other of this.#deal.limit(site, carrier)) this.#carriers[other]?.retire(site);
    this.#crowd.release(site);
  }

  /** Messages that were dealt are settled by somebody else. */
  #lost(count: number): void {
    this.#gone(count);
    this.#deal.lost(count);
    this.#crowd.releaseOfEach(count);
  }

  #returned({ site, flow, ids }: Returned): void {
    this.#deal.returned(site, ids.length);
    this.#crowd.release(site, ids.length);
    this.#closed.add(flow, ids);
  }

  *#standing(): Generator<Standing, undefined> {
    yield* this.#domains.standing();
    yield* this.#closed.standing();
    yield* this.#days.standing();
    for (const queue of this.#crowd.standing()) yield { queue, last: () => null };
  }

  #settled(batch: readonly Settled[], carrier: number): void {
    for (const settled of batch) this.#record(settled);
    this.#reactions.observe(batch);
    this.#settler.acknowledgeTo(() => this.#carriers[carrier]?.acknowledge(batch.length));
  }

  #record(settled: Settled): void {
    const sourceDay = this.#choice?.count(settled) ?? null;
    const { settlement } = settled;
    this.#settler.add(
      sourceDay === null ? settled : { ...settled, settlement: { ...settlement, sourceDay } },
    );
    const { next, event } = settled.settlement;
    const known = event.kind === 'attempted' ? this.#deal.tried(settled.domain) : null;
    if (known !== null) this.#crowd.release(known);
    if (next.state !== 'waiting') this.#outstanding--;
    else if (this.#end === null && settled.flow !== undefined) {
      // The stretch that it was given: the clock may have been set since, on its way from the carrier.
      const untilMs = this.#options.clock.now() + next.waiting.untilMs - event.atMs;
      this.#later.wait({ id: event.messageId, domain: settled.domain, flow: settled.flow }, untilMs);
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
    if (error !== null) return;
    this.#reactions.write();
    this.#planTurn();
  }

  #checkDone(): void {
    if (this.#options.stays === true) return;
    const isDone = this.#outstanding === 0 && this.#feed.exhausted && this.#settler.pending === 0;
    if (isDone) this.#ended?.resolve();
  }

  /** Messages that were cancelled while they waited for a later time are still in memory: the store knows better. */
  #endIfNothingWaits(): void {
    if (this.#options.stays === true) return;
    const waiting = this.#settler.read(() => this.#options.store.waitingCount());
    if (waiting === 0 && this.#settler.pending === 0) this.#ended?.resolve();
  }

  /** A promise that nobody waits for: its rejection is a bug and ends the run. */
  #guard(work: Promise<unknown>): void {
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
    this.#scheduled.close();
    this.#closed.close();
    this.#days.close();
    this.#expiry.close();
    this.#domains.close();
    const stopped = new Promise<void>((resolve) => (this.#allStopped = resolve));
    for (const carrier of this.#carriers) carrier.stop(graceMs);
    if (this.#working > 0) await stopped;
    this.#paces.close();
    this.#reactions.close();
    this.#settler.close();
    if (this.#fault !== null) throw this.#fault.error;
  }
}
