import type { Clock } from '../base/index.ts';
import type { EffectiveLimits } from './limits.ts';
import { Quota } from './quota.ts';
import type { QuotaUse } from './quota.ts';
import { RateSearch } from './rate-search.ts';
import type { Incident, LearntRate } from './rate-search.ts';
import type { Attempted } from './settle.ts';
import { Spacing } from './spacing.ts';
import { speedSign } from './speed-sign.ts';
import type { SpeedSign } from './speed-sign.ts';

/** One decision about a pace, for people. Rates in messages a second. */
export type PaceChange = {
  readonly because: 'speeding' | 'toomanyconn' | 'reaction';
  /** null: not limited. */
  readonly from: number | null;
  readonly to: number | null;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
};

/** The site said that it is too fast: what was changed, and how long to rest. */
export type PaceIncident = {
  readonly change: PaceChange;
  readonly pauseMs: number;
  readonly sign: SpeedSign;
};

/** What a path knows of its pace, as it is kept over restarts. */
export type PaceSnapshot = {
  readonly learnt: LearntRate;
  readonly quotas: Readonly<Record<string, QuotaUse>>;
  /** When that was so, milliseconds since the epoch. */
  readonly atMs: number;
};

export type PathPaceOptions = {
  readonly clock: Clock;
  /** Shortens all pauses in a simulated world; 1 in the real one. */
  readonly timeScale: number;
};

const quotaNames = ['messagesPerMinute', 'messagesPerHour', 'messagesPerDay'] as const;
type QuotaName = (typeof quotaNames)[number];
const quotaWindowsMs: Readonly<Record<QuotaName, number>> = {
  messagesPerMinute: 60_000,
  messagesPerHour: 3_600_000,
  messagesPerDay: 86_400_000,
};

// A provider's mood of an hour ago is worth a try of more; that of last week is not worth remembering.
const freshMs = 3_600_000;
const rememberedMs = 7 * 86_400_000;
// Different recipients that are all told "too many" in a row: it is not about their mailboxes.
const mailboxesInARow = 3;
// The mean of the last ten or so; a site that takes twice as long as in its best time is near its limits.
const latencyWeight = 0.1;
const slowFactor = 2;
const slowBeyondMs = 200;
// A route may have become longer for good.
const bestBelievedMs = 300_000;

/** How fast one egress path may go: its limits, and what its site's replies have taught. Decides when a message may start. */
export class PathPace {
  readonly #clock: Clock;
  readonly #scale: number;
  readonly #search: RateSearch;
  readonly #spacing = new Spacing();
  #limitPerSecond: number | null = null;
  #quotas = new Map<QuotaName, { readonly most: number; readonly quota: Quota }>();
  #dials: { readonly most: number; readonly quota: Quota } | null = null;
  #mailboxes = 0;
  #latencyMs: number | null = null;
  #bestLatencyMs = Infinity;
  #bestSinceMs = 0;
  /** After how many messages a session was ended by the site. */
  #sessionLength: number | null = null;

  constructor({ clock, timeScale }: PathPaceOptions) {
    this.#clock = clock;
    this.#scale = timeScale;
    this.#search = new RateSearch(clock.monotonic(), timeScale);
  }

  /** Sets the limits in force; what was used of a quota that did not change stays used. */
  limit(limits: EffectiveLimits): void {
    const perSecond = limits.messagesPerSecond.value;
    this.#limitPerSecond = perSecond === null ? null : perSecond * this.#scale;
    const dials = limits.connectionsPerMinute.value;
    if (dials === null) this.#dials = null;
    else if (this.#dials?.most !== dials)
      this.#dials = { most: dials, quota: new Quota(dials, quotaWindowsMs.messagesPerMinute / this.#scale) };
    for (const name of quotaNames) {
      const most = limits[name].value;
      if (most === null) this.#quotas.delete(name);
      else if (this.#quotas.get(name)?.most !== most)
        this.#quotas.set(name, { most, quota: new Quota(most, quotaWindowsMs[name] / this.#scale) });
    }
  }

  /** false: nothing holds this path back, and nobody needs to ask. */
  get active(): boolean {
    return this.rate !== null || this.#search.proving || this.#quotas.size > 0 || this.#dials !== null;
  }

  /** Messages a second; null: as fast as it goes. */
  get rate(): number | null {
    const learnt = this.#search.rate;
    if (learnt === null || this.#limitPerSecond === null) return learnt ?? this.#limitPerSecond;
    return Math.min(learnt, this.#limitPerSecond);
  }

  /** true when the site has taught something worth keeping. */
  get hasLearnt(): boolean {
    return this.#search.rate !== null || this.#quotas.size > 0;
  }

  /** Milliseconds until a message may start while `inFlight` are under way; Infinity: when one of those is answered. */
  mayStart(inFlight: number): number {
    const nowMs = this.#clock.monotonic();
    if (this.#search.proving && (inFlight > 0 || nowMs < this.#search.resumeMs)) {
      return inFlight > 0 ? Infinity : this.#search.resumeMs - nowMs;
    }
    let waitMs = this.rate === null ? 0 : this.#spacing.waitMs(nowMs);
    for (const { quota } of this.#quotas.values()) waitMs = Math.max(waitMs, quota.waitMs(this.#clock.now()));
    return waitMs;
  }

  started(): void {
    const { rate } = this;
    if (rate !== null) this.#spacing.started(this.#clock.monotonic(), rate);
    for (const { quota } of this.#quotas.values()) quota.started(this.#clock.now());
  }

  /** Milliseconds until one more session may be opened. */
  mayDial(): number {
    return this.#dials?.quota.waitMs(this.#clock.now()) ?? 0;
  }

  dialled(): void {
    this.#dials?.quota.started(this.#clock.now());
  }

  /** Sessions that the rate has work for, from how long a message takes; Infinity when it is not limited. */
  get usefulConnections(): number {
    const { rate } = this;
    if (rate === null) return this.#search.proving ? 1 : Infinity;
    return Math.ceil((1.5 * rate * (this.#latencyMs ?? 1_000)) / 1_000) + 1;
  }

  /** Takes one outcome of a message; not null when it is the first sign of going too fast. */
  learn(attempted: Attempted, openSessions: number): PaceIncident | null {
    const { outcome } = attempted;
    if (outcome.origin !== 'remote') return null;
    const nowMs = this.#clock.monotonic();
    const startedMs = nowMs - outcome.durationMs;
    const sign = speedSign(attempted);
    if (sign === null) {
      this.#mailboxes = 0;
      if (outcome.kind === 'delivered') this.#noteLatency(outcome.durationMs);
      this.#search.accepted({ nowMs, startedMs, isCalm: this.#isCalm });
      return null;
    }
    if (sign === 'mailbox' && ++this.#mailboxes < mailboxesInARow) return null;
    // Fewer than one connection cannot be: then it is the rate.
    const isConnections = sign === 'connections' && openSessions > 1;
    return this.#tooFast(this.#search.refused(nowMs, startedMs, isConnections), isConnections);
  }

  /**
   * The site ended a session with 421 after `decided` messages (RFC 5321 §3.8). Always after the same number it is a limit of
   * messages a session; else its words count.
   */
  sessionEnded(attempted: Attempted, decided: number): PaceIncident | null {
    const sign = speedSign(attempted);
    if (sign === null) return null;
    const isLimit = decided === this.#sessionLength;
    this.#sessionLength = decided;
    if (isLimit) return null;
    const nowMs = this.#clock.monotonic();
    return this.#tooFast(this.#search.refused(nowMs, nowMs - attempted.outcome.durationMs, false), false);
  }

  /** A reaction says so: goes on at a part of the present pace. */
  slowDown(factor: number): PaceChange {
    const from = this.rate;
    const to = this.#search.slowDown(factor, this.#clock.monotonic());
    return { because: 'reaction', from, to, atMs: this.#clock.now() };
  }

  snapshot(): PaceSnapshot {
    const quotas = [...this.#quotas].map(([name, { quota }]) => [name, quota.use()] as const);
    return { learnt: this.#search.learnt(), quotas: Object.fromEntries(quotas), atMs: this.#clock.now() };
  }

  /** Goes on with what was learnt before; call after `limit`. */
  restore({ learnt, quotas, atMs }: PaceSnapshot): void {
    const ageMs = this.#clock.now() - atMs;
    for (const [name, { quota }] of this.#quotas) {
      const use = quotas[name];
      if (use !== undefined) quota.restore(use);
    }
    if (learnt.rate === null || ageMs > rememberedMs) return;
    this.#search.restore(learnt, this.#clock.monotonic(), ageMs > freshMs / this.#scale);
  }

  get #isCalm(): boolean {
    if (this.#latencyMs === null) return true;
    return this.#latencyMs < slowFactor * this.#bestLatencyMs + slowBeyondMs;
  }

  #noteLatency(durationMs: number): void {
    const before = this.#latencyMs;
    this.#latencyMs = before === null ? durationMs : before + latencyWeight * (durationMs - before);
    const nowMs = this.#clock.monotonic();
    if (this.#latencyMs > this.#bestLatencyMs && nowMs - this.#bestSinceMs < bestBelievedMs / this.#scale)
      return;
    this.#bestLatencyMs = this.#latencyMs;
    this.#bestSinceMs = nowMs;
  }

  #tooFast(incident: Incident | null, isConnections: boolean): PaceIncident | null {
    if (incident === null) return null;
    const { from, to, pauseMs } = incident;
    const because = isConnections ? 'toomanyconn' : 'speeding';
    return {
      change: { because, from, to, atMs: this.#clock.now() },
      pauseMs,
      sign: isConnections ? 'connections' : 'rate',
    };
  }
}
