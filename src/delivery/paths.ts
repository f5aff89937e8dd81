import type { Clock } from '../base/index.ts';
import type { Outcome } from '../events/index.ts';
import { backoffMs, localBackoff, throttledBackoff, unreachableBackoff } from './backoff.ts';
import { EgressPath } from './egress-path.ts';
import type { Hold, OpenSession, Source } from './egress-path.ts';
import { SiteDialer } from './hosts.ts';
import type { DialSettings, HostOptions, Opened } from './hosts.ts';
import { failureOutcome } from './outcome.ts';
import type { SharedHold } from './carrier-port.ts';
import type { Standing } from './expire.ts';
import type { PathHold, Reader } from './ports.ts';
import { SessionPlaces } from './session-places.ts';
import type { Attempted } from './settle.ts';
import type { Site } from './site.ts';

export type PathsOptions = HostOptions & {
  readonly reader: Reader;
  readonly clock: Clock;
  readonly messagesPerSession: number;
  /** Most sessions over all paths; left out: 1,000. */
  readonly mostOpenSessions?: number;
  /** TLS, timeouts and the like; source and name are added per path. */
  readonly settings: Omit<DialSettings, 'localAddress' | 'hostname'>;
  /** A session may take a message. */
  readonly onHungry: (open: OpenSession) => void;
  /** Once for each domain of the path; `shared` is the same for all of them. */
  readonly onHold: (hold: PathHold, shared: SharedHold) => void;
  readonly onRelease: (hold: PathHold) => void;
  /** false: open nothing new (stopping, disk full). */
  readonly mayDial: () => boolean;
  /** Watches over work that nobody waits for: a rejection is a bug and ends the run. */
  readonly guard: (work: Promise<void>) => void;
};

// An idle session is kept this long for the next message: most servers allow minutes, but many sites at once cost memory.
const idleSessionMs = 2_000;
// Messages in the hands of a session that is slow, or not known yet: the others could take them sooner, and what is cancelled
// meanwhile is still sent from there. RFC 2920 needs two: one with the server, the envelope of the next behind its dot.
const mostWithSlow = 2;
const briskMs = 1_000;
// Sessions in a row that ended without deciding one message, after which the path is held.
const uselessSessions = 3;
// Deliveries after a throttling that show that the site is content again.
const contentAfter = 20;

// Descriptors and memory (up to 100 KB a session with TLS) are shared by all paths of a carrier.
const mostOpenByDefault = 1_000;

/** All egress paths: creates them, opens and closes their sessions, holds and releases them. */
export class Paths {
  readonly #options: PathsOptions;
  readonly #byKey = new Map<string, EgressPath>();
  /** Ended by us, and the server has not answered QUIT yet. */
  readonly #closing = new Set<OpenSession>();
  readonly #places: SessionPlaces;
  /** Wanted a session while none might be opened. */
  readonly #stalled = new Set<EgressPath>();
  #closed = false;

  constructor(options: PathsOptions) {
    this.#options = options;
    this.#places = new SessionPlaces(options.mostOpenSessions ?? mostOpenByDefault);
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
    return path;
  }

  /** Notes that a domain uses the path, so that a hold in force is recorded for it too. */
  noteDomain(path: EgressPath, domain: string): void {
    if (path.domains.has(domain)) return;
    path.domains.add(domain);
    const { hold, key: pathKey } = path;
    if (hold !== null) this.#options.onHold(record(path, domain, hold), { pathKey, hold });
  }

  /** Another carrier's part of the path was held: this part rests as well. */
  join(shared: SharedHold): void {
    // Sessions that are open here need no further descriptor.
    if (shared.hold.because === 'local-limit') return;
    const path = this.#byKey.get(shared.pathKey);
    if (path !== undefined && path.hold === null && !this.#closed) this.#enter(path, shared.hold);
  }

  /** What waits behind holds, or where no session is open. */
  *standing(): Generator<Standing, undefined> {
    for (const path of this.#byKey.values()) {
      const isStanding = path.hold !== null || path.sessions.size === 0;
      if (isStanding && path.ready.length > 0) yield { queue: path.ready, last: () => path.last };
    }
  }

  /** Offers work to the sessions of a path and opens more where that helps. */
  pump(path: EgressPath): void {
    if (path.hold !== null || path.queued === 0) return;
    for (const open of path.sessions) if (this.mayTake(open)) this.#options.onHungry(open);
    while (path.wantsSession) {
      if (!this.#options.mayDial()) {
        this.#stalled.add(path);
        return;
      }
      if (!this.#places.take(path)) return;
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
    if (!open.brisk && open.inFlight >= mostWithSlow) return false;
    return open.session.room > 0 && open.sent < this.#options.messagesPerSession;
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
    const usedUp = open.sent >= this.#options.messagesPerSession || sessions.size > count.most;
    const atOnce = usedUp || this.#places.wanted;
    open.idle = this.#options.clock.after(atOnce ? 0 : idleSessionMs, () =>
      this.#options.guard(this.#close(open)),
    );
  }

  /** Takes one outcome into the state of its path. */
  learn(open: OpenSession, attempted: Attempted): void {
    const { path } = open;
    const { outcome } = attempted;
    open.brisk = outcome.durationMs <= briskMs;
    if (outcome.kind === 'delivered' && !open.worked) {
      open.worked = true;
      path.count.worked();
    }
    // A 421 decides nothing: it is about the session (RFC 5321 §3.8).
    if (outcome.origin === 'remote' && outcome.scope !== 'session') {
      open.decided++;
      path.failures = 0;
      path.last = null;
    }
    if (outcome.kind === 'delivered' && path.throttles > 0 && ++path.deliveredSinceThrottle >= contentAfter)
      path.throttles = 0;
    if (isThrottling(attempted)) this.#throttle(path, attempted);
  }

  /** Ends all sessions politely, and every timer: nothing happens any more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const path of this.#byKey.values()) path.holdTimer?.cancel();
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
      { ...settings, localAddress: path.source.ip, hostname: path.source.hostname },
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
    return true;
  }

  #dialFailed(path: EgressPath, opened: Opened & { ok: false }): void {
    if (path.sessions.size > 0) {
      path.count.tooMany(path.sessions.size);
      return;
    }
    if (path.dialing > 0 || path.hold !== null || this.#forgetIfDone(path)) return;
    const place = { host: opened.host, address: opened.address, source: path.source.ip, tls: opened.tls };
    const outcome = failureOutcome(opened.failure, { ...place, durationMs: 0 });
    path.failures++;
    const because = dialHold(outcome);
    const backoff = because === 'local-limit' ? localBackoff : unreachableBackoff;
    this.#hold(path, { because, outcome, delayMs: backoffMs(backoff, path.failures) });
  }

  /** Several sessions died without deciding a message: hold the path with the outcome of the last. */
  holdIfUseless(path: EgressPath, outcome: Outcome): void {
    if (path.hold !== null || path.failures < uselessSessions) return;
    // A message that could not be composed says nothing of the way.
    if (outcome.scope === 'message' || outcome.scope === 'recipient') return;
    const delayMs = backoffMs(unreachableBackoff, path.failures - uselessSessions + 1);
    this.#hold(path, { because: 'sessions-lost', outcome, delayMs });
  }

  #throttle(path: EgressPath, attempted: Attempted): void {
    if (path.hold !== null) return;
    path.throttles++;
    path.count.tooMany(Math.ceil(path.sessions.size / 2));
    path.deliveredSinceThrottle = 0;
    this.#hold(path, {
      because: 'throttled',
      outcome: attempted.outcome,
      delayMs: backoffMs(throttledBackoff, path.throttles),
    });
  }

  #hold(path: EgressPath, why: { because: string; outcome: Outcome; delayMs: number }): void {
    const { clock, reader } = this.#options;
    const { outcome, because, delayMs } = why;
    if (this.#closed) return;
    const [domain = ''] = path.domains;
    const reading = reader.read(outcome, { mxHost: outcome.host, domain });
    const detail =
      outcome.origin === 'remote' ? `${outcome.reply.code} ${outcome.reply.lines.join(' ')}` : outcome.text;
    const hold = { because, detail, untilMs: clock.now() + delayMs, last: { outcome, reading } };
    this.#enter(path, hold);
    for (const name of path.domains)
      this.#options.onHold(record(path, name, hold), { pathKey: path.key, hold });
  }

  #enter(path: EgressPath, hold: Hold): void {
    const { clock } = this.#options;
    path.hold = hold;
    path.last = hold.last;
    path.returnRows();
    // Never longer than holds are, should the clock be set while one is on its way from another carrier.
    const delayMs = Math.min(hold.untilMs - clock.now(), unreachableBackoff.longestMs);
    path.holdTimer = clock.after(delayMs, () => {
      path.hold = null;
      for (const name of path.domains) this.#options.onRelease(record(path, name, hold));
      if (!this.#forgetIfDone(path)) this.pump(path);
    });
  }
}

/** What happened to a session that ended before a message was handed to it. */
function lostBeforeUse({ host, address, path, session }: OpenSession): Outcome {
  return failureOutcome(
    { origin: 'local', stage: 'session', cause: 'connection-lost', text: 'closed before the first message' },
    { host, address, source: path.source.ip, tls: session.tls, durationMs: 0 },
  );
}

/** Why no session can be opened now: the receiver says no, nobody is reached, or it is this machine that cannot. */
function dialHold(outcome: Outcome): 'local-limit' | 'not-accepting' | 'unreachable' {
  if (outcome.origin === 'remote') return 'not-accepting';
  return outcome.scope === 'source' ? 'local-limit' : 'unreachable';
}

/** The site, not one mailbox, says that we are too fast. */
function isThrottling({ outcome, reading }: Attempted): boolean {
  const tooFast = reading.verdict === 'speeding' || reading.verdict === 'toomanyconn';
  // At RCPT a 45x speaks of that mailbox ("is receiving mail too quickly"); only 421 speaks of us.
  const isSite = outcome.origin === 'remote' && (outcome.stage !== 'rcpt' || outcome.reply.code === 421);
  return outcome.kind === 'deferred' && tooFast && isSite;
}

function record(path: EgressPath, domain: string, hold: Hold): PathHold {
  const { because, detail, untilMs } = hold;
  return { site: path.site.name, domain, source: path.source.ip, because, detail, untilMs };
}
