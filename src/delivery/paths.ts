import type { Clock } from '../base/index.ts';
import type { Outcome } from '../events/index.ts';
import { backoffFor, backoffMs, longestRestMs } from './backoff.ts';
import type { Backoffs } from './backoff.ts';
import { EgressPath } from './egress-path.ts';
import type { Hold, OpenSession, Source } from './egress-path.ts';
import { SiteDialer } from './hosts.ts';
import type { DialSettings, HostOptions, Opened } from './hosts.ts';
import { failureOutcome } from './outcome.ts';
import { dialHold, lostBeforeUse, mayUseSlow, mostWithSlow, saidBy } from './path-signs.ts';
import type { SharedHold } from './carrier-port.ts';
import type { Standing } from './expire.ts';
import { holdRecord, idleMs, leastBusyFirst, PaceKeeper, tlsAsLimited } from './pace-keeper.ts';
import type { PaceIncident } from './path-pace.ts';
import type { PaceReport, PathShaper } from './path-shaper.ts';
import type { PathHold, Reader } from './ports.ts';
import { coversPath } from './reaction.ts';
import type { Suspension, SuspensionTarget, WayFailure } from './reaction.ts';
import { SessionPlaces } from './session-places.ts';
import type { Attempted } from './settle.ts';
import type { Site } from './site.ts';
import { Suspensions } from './suspensions.ts';

export type PathsOptions = HostOptions & {
  readonly reader: Reader;
  readonly clock: Clock;
  /** How long a path rests that no session can be had on; left out: as all rest. */
  readonly backoffs?: Backoffs | undefined;
  /** What limits hold on a path, and what was learnt there before. */
  readonly shaper: PathShaper;
  /** Most sessions over all paths; left out: 1,000. */
  readonly mostOpenSessions?: number;
  /** TLS, timeouts and the like; source and name are added per path. */
  readonly settings: Omit<DialSettings, 'localAddress' | 'hostname'>;
  /** A session may take a message. */
  readonly onHungry: (open: OpenSession) => void;
  /** Once for each domain of the path; `shared` is the same for all of them. */
  readonly onHold: (hold: PathHold, shared: SharedHold) => void;
  readonly onRelease: (hold: PathHold) => void;
  /** A site spoke of speed or connections. */
  readonly onLimited: (site: string) => void;
  /** A way out failed before a message had its turn. */
  readonly onFailure: (failure: WayFailure) => void;
  /** The pace of a path changed, or was used for a while. */
  readonly onPace: (report: PaceReport) => void;
  /** false: open nothing new (stopping, disk full). */
  readonly mayDial: () => boolean;
  /** Watches over work that nobody waits for: a rejection is a bug and ends the run. */
  readonly guard: (work: Promise<void>) => void;
};

const briskMs = 1_000;
// Sessions in a row that ended without deciding one message, after which the path is held.
const uselessSessions = 3;

// As long as a rule may ask for; see the reader of reactions.yaml.
const longestSuspensionMs = 7 * 24 * 3_600_000;
// Descriptors and memory (up to 100 KB a session with TLS) are shared by all paths of a carrier.
const mostOpenByDefault = 1_000;

/** All egress paths: creates them, opens and closes their sessions, holds and releases them. */
export class Paths {
  readonly #options: PathsOptions;
  readonly #byKey = new Map<string, EgressPath>();
  /** Ended by us, and the server has not answered QUIT yet. */
  readonly #closing = new Set<OpenSession>();
  readonly #places: SessionPlaces;
  readonly #keeper: PaceKeeper;
  /** What reactions to replies have stopped. */
  readonly #stops = new Suspensions();
  /** Wanted a session while none might be opened. */
  readonly #stalled = new Set<EgressPath>();
  #closed = false;

  constructor(options: PathsOptions) {
    this.#options = options;
    this.#places = new SessionPlaces(options.mostOpenSessions ?? mostOpenByDefault);
    this.#keeper = new PaceKeeper({
      ...options,
      pump: (path) => this.pump(path),
      enter: (path, hold) => this.#enter(path, hold),
    });
  }

  /** Sessions that are open or being opened. */
  get sessionCount(): number {
    return this.#places.used;
  }

  path(source: Source, site: Site): EgressPath {
    const key = `${source.ip ?? ''}|${site.name}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const { clock } = this.#options;
    const path = new EgressPath({
      key,
      source,
      site,
      clock,
      // Until the first assignment says how many.
      mostSessions: 1,
      dialer: new SiteDialer(this.#options, site),
    });
    this.#byKey.set(key, path);
    this.#options.shaper.recall(path);
    if (this.#stops.any) this.#suspend(path);
    return path;
  }

  /** true when some messages of a path may have to stay while others go. */
  get stopsParts(): boolean {
    return this.#stops.parts;
  }

  /** What keeps a message although its path is open; null: nothing does. */
  stopOf(
    message: { readonly campaignId: number; readonly domain: string },
    path: EgressPath,
  ): Suspension | null {
    return this.#stops.ofMessage({ ...message, site: path.site.name }, this.#options.clock.now());
  }

  /** All paths, those held as well. */
  all(): readonly EgressPath[] {
    return [...this.#byKey.values()];
  }

  ofSite(name: string): readonly EgressPath[] {
    return this.all().filter(({ site }) => site.name === name);
  }

  /** Another carrier has the site: the sessions end as soon as they have nothing under way, and no new ones are opened. */
  retire(path: EgressPath): void {
    path.retired = true;
    path.count.limit(0);
    for (const open of path.sessions) if (open.inFlight === 0) this.#options.guard(this.#close(open));
    this.#forgetIfDone(path);
  }

  /** The paths that a stop reaches. */
  under(target: SuspensionTarget): readonly EgressPath[] {
    return this.all().filter((path) => coversPath(target, { site: path.site.name, source: path.source.ip }));
  }

  /** Holds the paths that the stop reaches, also those that come later. */
  suspend(stop: Suspension): void {
    this.#stops.add(stop);
    for (const path of this.under(stop.target)) this.#suspend(path);
  }

  /** Somebody lifted it: its paths go on, unless another one stops them. */
  lift(target: SuspensionTarget): void {
    this.#stops.remove(target);
    for (const path of this.under(target)) {
      if (path.hold?.because !== 'suspended') continue;
      path.holdTimer?.cancel();
      this.#release(path, path.hold);
    }
  }

  /** Holds the path for the longest of the stops that reach it. */
  #suspend(path: EgressPath): void {
    if (this.#closed) return;
    const { clock, onHold } = this.#options;
    const stop = this.#stops.ofPath({ site: path.site.name, source: path.source.ip }, clock.now());
    if (stop === null || (path.hold !== null && path.hold.untilMs >= stop.untilMs)) return;
    path.holdTimer?.cancel();
    const { because, detail, untilMs } = stop;
    const hold = { because, detail, untilMs, last: path.last };
    this.#enter(path, hold);
    for (const name of path.domains) onHold(holdRecord(path, name, hold), { pathKey: path.key, hold });
  }

  /** Notes that a domain uses the path, so that a hold in force is recorded for it too. */
  noteDomain(path: EgressPath, domain: string): void {
    if (path.domains.has(domain)) return;
    path.domains.add(domain);
    this.#options.shaper.limit(path, domain);
    const { hold, key: pathKey } = path;
    if (hold !== null) this.#options.onHold(holdRecord(path, domain, hold), { pathKey, hold });
  }

  /** Another carrier's part of the path was held: this part rests as well. */
  join(shared: SharedHold): void {
    // Sessions that are open here need no further descriptor, and each part of a path has a pace of its own.
    if (shared.hold.because === 'local-limit' || shared.hold.because === 'paced') return;
    const path = this.#byKey.get(shared.pathKey);
    if (path !== undefined && path.hold === null && !this.#closed) this.#enter(path, shared.hold);
  }

  /** What waits behind holds, or where no session is open. */
  *standing(): Generator<Standing, undefined> {
    for (const path of this.#byKey.values()) {
      const isStanding = path.hold !== null || path.sessions.size === 0;
      if (!isStanding) continue;
      for (const queue of path.ready.standing()) yield { queue, last: () => path.last };
    }
  }

  /** Offers work to the sessions of a path and opens more where that helps. */
  pump(path: EgressPath): void {
    if (path.hold !== null || path.queued === 0) return;
    const isPaced = path.pace?.active === true;
    // At a pace the sessions take turns, so that none is idle so long that it is closed and opened again.
    const sessions = isPaced || path.urgent ? leastBusyFirst(path.sessions) : path.sessions;
    for (const open of sessions) if (this.mayTake(open)) this.#options.onHungry(open);
    if (isPaced && this.#keeper.wait(path)) return;
    while (path.wantsSession) {
      if (!this.#options.mayDial()) {
        this.#stalled.add(path);
        return;
      }
      const waitMs = path.pace?.mayDial() ?? 0;
      if (waitMs > 0) {
        this.#keeper.wakeAfter(path, waitMs);
        return;
      }
      if (!this.#places.take(path)) return;
      path.pace?.dialled();
      this.#options.guard(this.#dial(path));
    }
  }

  /** `mayDial` is true again: goes on where something waits for that, which of 50,000 paths few do. */
  wake(): void {
    const stalled = [...this.#stalled];
    this.#stalled.clear();
    for (const path of stalled) this.pump(path);
  }

  /** true when a message may be handed to the session now. */
  mayTake(open: OpenSession): boolean {
    if (open.path.hold !== null || !open.session.usable) return false;
    // After a site was split among carriers, this part of it has too many.
    if (open.path.sessions.size > open.path.count.most) return false;
    if (!open.brisk && !mayUseSlow(open)) return false;
    if (open.session.room <= 0 || open.sent >= open.path.messagesPerSession) return false;
    const { pace } = open.path;
    if (pace === null || !pace.active) return true;
    return open.inFlight < mostWithSlow && pace.mayStart(open.path.inFlight) === 0;
  }

  /** A message was handed to a session. */
  started(open: OpenSession): void {
    const { path } = open;
    if (path.pace?.active !== true) return;
    path.pace.started();
    // In the order of use: the one used longest ago is the next.
    if (path.sessions.delete(open)) path.sessions.add(open);
    this.#keeper.wait(path);
  }

  /** After an outcome: the session stands in line again, or rests. */
  next(open: OpenSession): void {
    if (!open.session.usable) {
      this.#forgetIfDone(open.path);
      return;
    }
    if (this.mayTake(open) && open.path.queued > 0) this.#options.onHungry(open);
    else this.#rest(open);
  }

  /** The session has nothing to send: closes it when it is used up, or after a while. */
  #rest(open: OpenSession): void {
    if (open.inFlight > 0 || open.idle !== null) return;
    const { sessions, count } = open.path;
    const usedUp = open.sent >= open.path.messagesPerSession || sessions.size > count.most;
    const atOnce = usedUp || this.#places.wanted;
    open.idle = this.#options.clock.after(atOnce ? 0 : idleMs(open.path), () =>
      this.#options.guard(this.#close(open)),
    );
  }

  /** Takes one outcome into the state of its path. */
  learn(open: OpenSession, attempted: Attempted): void {
    const { path } = open;
    const { outcome } = attempted;
    path.brisk = open.brisk = outcome.durationMs <= briskMs;
    if (outcome.kind === 'delivered') path.count.took();
    if (outcome.kind === 'delivered' && !open.worked) {
      open.worked = true;
      path.count.worked(path.sessions.size);
    }
    // A 421 decides nothing: it is about the session (RFC 5321 §3.8).
    if (outcome.origin === 'remote' && outcome.scope !== 'session') {
      open.decided++;
      path.failures = 0;
      path.last = null;
    }
    const pace = this.#options.shaper.paceOf(path);
    this.#tooFast(path, attempted, pace.learn(attempted, path.sessions.size));
    this.#keeper.keepNowAndThen(path);
  }

  /** The site ended a session that had decided messages: its limit of messages a session, a restart, or our speed. */
  sessionEnded({ path, decided }: OpenSession, attempted: Attempted): void {
    const pace = this.#options.shaper.paceOf(path);
    this.#tooFast(path, attempted, pace.sessionEnded(attempted, decided));
  }

  /** The path goes on at a part of its pace. */
  slowDown(path: EgressPath, factor: number): void {
    const change = this.#options.shaper.paceOf(path).slowDown(factor);
    this.#keeper.keep(path, { ...change, pauseMs: 0, detail: `× ${factor}` });
  }

  /** Ends all sessions politely, and every timer: nothing happens any more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const path of this.#byKey.values()) {
      path.holdTimer?.cancel();
      this.#keeper.end(path);
    }
    // Nothing is under way on these, and they have had their time for a 221.
    for (const { session } of this.#closing) session.destroy();
    const sessions = [...this.#byKey.values()].flatMap((path) => [...path.sessions]);
    await Promise.all(sessions.map((open) => this.#close(open)));
  }

  destroyAll(): void {
    const open = [...this.#byKey.values()].flatMap((path) => [...path.sessions]);
    for (const { session } of [...open, ...this.#closing]) session.destroy();
  }

  /** Never rejects: SiteDialer answers with a value. */
  async #dial(path: EgressPath): Promise<void> {
    path.dialing++;
    const { settings } = this.#options;
    const opened = await path.dialer.open(
      { ...tlsAsLimited(settings, path), localAddress: path.source.ip, hostname: path.source.hostname },
      () => !this.#closed,
    );
    path.dialing--;
    if (this.#closed) {
      if (opened.ok) opened.session.destroy();
    } else if (opened.ok) this.#opened(path, opened);
    else {
      this.#dialFailed(path, opened);
      this.#freePlace();
    }
  }

  /** A session is gone: its place goes to the path that has waited longest. */
  #freePlace(): void {
    this.#places.free();
    for (let path = this.#places.next(); path !== null && !this.#closed; path = this.#places.next()) {
      this.pump(path);
    }
  }

  #opened(path: EgressPath, opened: Opened & { ok: true }): void {
    const { session, host, address } = opened;
    const open: OpenSession = {
      path,
      session,
      host,
      address,
      sent: 0,
      inFlight: 0,
      worked: false,
      decided: 0,
      brisk: false,
      inLine: false,
      idle: null,
    };
    path.sessions.add(open);
    session.onChange(() => this.#changed(open));
    this.#changed(open);
  }

  #changed(open: OpenSession): void {
    if (!open.session.usable) {
      this.#gone(open);
      return;
    }
    this.next(open);
  }

  /** A session can take nothing more. Its messages under way report by themselves. */
  #gone(open: OpenSession): void {
    const { path } = open;
    if (!path.sessions.delete(open)) return;
    open.idle?.cancel();
    if (open.decided === 0 && (open.sent > 0 || path.queued > 0)) path.failures++;
    // Without a message under way nobody else would tell that it was of no use.
    if (open.inFlight === 0 && !this.#closed) this.holdIfUseless(path, lostBeforeUse(open));
    this.#forgetIfDone(path);
    this.#freePlace();
    // The last message of a broken session settles in this turn; look again after it.
    queueMicrotask(() => {
      if (!this.#closed) this.pump(path);
    });
  }

  async #close(open: OpenSession): Promise<void> {
    open.idle?.cancel();
    if (!open.path.sessions.delete(open)) return;
    this.#closing.add(open);
    await open.session.quit();
    this.#closing.delete(open);
    this.#freePlace();
    if (!this.#forgetIfDone(open.path) && !this.#closed) this.pump(open.path);
  }

  /** A path without work or sessions is dropped: with 50,000 small sites most are idle. */
  #forgetIfDone(path: EgressPath): boolean {
    const done = path.empty && path.hold === null;
    if (!done) return false;
    if (this.#byKey.get(path.key) === path) this.#byKey.delete(path.key);
    this.#places.forget(path);
    this.#stalled.delete(path);
    this.#keeper.end(path);
    return true;
  }

  #dialFailed(path: EgressPath, opened: Opened & { ok: false }): void {
    if (path.sessions.size > 0) {
      path.count.tooMany(path.sessions.size);
      if (opened.failure.origin === 'remote') this.#options.onLimited(path.site.name);
      return;
    }
    if (path.dialing > 0 || path.hold !== null || this.#forgetIfDone(path)) return;
    const place = { host: opened.host, address: opened.address, source: path.source.ip, tls: opened.tls };
    const outcome = failureOutcome(opened.failure, { ...place, durationMs: 0 });
    path.failures++;
    const because = dialHold(outcome);
    const backoff = backoffFor(this.#options.backoffs, because);
    this.#hold(path, { because, outcome, delayMs: backoffMs(backoff, path.failures) });
  }

  /** Several sessions died without deciding a message: hold the path with the outcome of the last. */
  holdIfUseless(path: EgressPath, outcome: Outcome): void {
    if (path.hold !== null || path.failures < uselessSessions) return;
    // A message that could not be composed says nothing of the way.
    if (outcome.scope === 'message' || outcome.scope === 'recipient') return;
    const backoff = backoffFor(this.#options.backoffs, 'sessions-lost');
    const delayMs = backoffMs(backoff, path.failures - uselessSessions + 1);
    this.#hold(path, { because: 'sessions-lost', outcome, delayMs });
  }

  #tooFast(path: EgressPath, attempted: Attempted, incident: PaceIncident | null): void {
    if (incident === null) return;
    this.#options.onLimited(path.site.name);
    const { change, pauseMs, sign } = incident;
    if (sign === 'connections') path.count.tooMany(Math.ceil(path.sessions.size / 2));
    this.#keeper.keep(path, { ...change, pauseMs, detail: saidBy(attempted.outcome) });
    if (path.hold === null)
      this.#hold(path, { because: 'throttled', outcome: attempted.outcome, delayMs: pauseMs });
  }

  #hold(path: EgressPath, why: { because: string; outcome: Outcome; delayMs: number }): void {
    const { clock, reader } = this.#options;
    const { outcome, because, delayMs } = why;
    if (this.#closed) return;
    const [domain = ''] = path.domains;
    const reading = reader.read(outcome, { mxHost: outcome.host, domain });
    const hold = {
      because,
      detail: saidBy(outcome),
      untilMs: clock.now() + delayMs,
      last: { outcome, reading },
    };
    this.#enter(path, hold);
    for (const name of path.domains)
      this.#options.onHold(holdRecord(path, name, hold), { pathKey: path.key, hold });
    if (because === 'throttled') return;
    const { site, source } = path;
    this.#options.onFailure({
      atMs: clock.now(),
      site: site.name,
      source: source.ip,
      domain,
      outcome,
      reading,
    });
  }

  #enter(path: EgressPath, hold: Hold): void {
    const { clock } = this.#options;
    path.hold = hold;
    path.last = hold.last;
    path.returnRows();
    // Never longer than holds are, should the clock be set while one is on its way from another carrier.
    const longestMs = hold.because === 'suspended' ? longestSuspensionMs : longestRestMs;
    path.holdTimer = clock.after(Math.min(hold.untilMs - clock.now(), longestMs), () =>
      this.#release(path, hold),
    );
  }

  #release(path: EgressPath, hold: Hold): void {
    path.hold = null;
    for (const name of path.domains) this.#options.onRelease(holdRecord(path, name, hold));
    if (this.#stops.any) this.#suspend(path);
    if (path.hold !== null || this.#forgetIfDone(path)) return;
    if (path.pace?.active === true) this.#keeper.keep(path, null);
    this.pump(path);
  }
}
