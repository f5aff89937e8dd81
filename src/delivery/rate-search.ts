/** What was learnt of the rate that a site takes. Rates in messages a second. */
export type LearntRate = {
  /** The rate now; null: never told that it is too fast. */
  readonly rate: number | null;
  /** The lowest rate that was refused lately; null: forgotten, or none. */
  readonly ceiling: number | null;
  /** How often in a row trying more ended at about the same ceiling: each time the next try waits twice as long. */
  readonly confirmed: number;
  /** How long the site stays cross: its window, as far as seen. */
  readonly windowMs: number;
};

/** A reply to a message that was started at `startedMs`. `isCalm` false: the site has become slower, so this is no time to try more. */
export type Accepted = { readonly nowMs: number; readonly startedMs: number; readonly isCalm: boolean };

/** What a refusal for speed led to. `to` null: nothing is known but that it has to wait. */
export type Incident = { readonly from: number | null; readonly to: number | null; readonly pauseMs: number };

// A window of a second, the shortest that receivers count in, is over then.
const firstPauseMs = 1_000;
// Google's advice for 4.7.28 is ten minutes.
const longestPauseMs = 600_000;
// How far under the refused rate the path goes back, and where it stays until it tries again: at 93 % a window that is
// counted exactly has room for what the network jumbles (measured: docs/decisions/0019-pace.md).
const backTo = 0.9;
const plateau = 0.93;
// The first try above the ceiling is worth one or two refusals in half a minute; each in vain doubles the wait.
const firstProbeMs = 30_000;
const longestProbeMs = 900_000;
const probeStep = 0.02;
const largestProbeStep = 0.05;
// So far above the ceiling it was another provider's day.
const ceilingIsGone = 1.3;
const slowest = 1 / 60;
// A refusal so soon after the last one says that the rate is far off, not a little.
const soonMs = 3_000;
const shortMs = 10_000;
const takenMargin = 1.15;
// How long an open path counts back: a minute is the usual window.
const openEpochMs = 60_000;

/** How many in the last moment: the present stretch of time, and what the one before still has in it. */
class RecentCount {
  readonly #lengthMs: number;
  #startMs = Number.NEGATIVE_INFINITY;
  #count = 0;
  #before = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  add(nowMs: number): void {
    this.#advance(nowMs);
    this.#count++;
  }

  perSecond(nowMs: number): number {
    this.#advance(nowMs);
    const left = 1 - (nowMs - this.#startMs) / this.#lengthMs;
    return ((this.#count + left * this.#before) * 1_000) / this.#lengthMs;
  }

  #advance(nowMs: number): void {
    const passedMs = nowMs - this.#startMs;
    if (passedMs < this.#lengthMs) return;
    this.#before = passedMs < 2 * this.#lengthMs ? this.#count : 0;
    this.#count = 0;
    this.#startMs = passedMs < 2 * this.#lengthMs ? this.#startMs + this.#lengthMs : nowMs;
  }
}

/** What is added in one interval: half as much again far below the ceiling, ever less near it. */
function stepBelow(rate: number, ceiling: number): number {
  if (rate < ceiling / 4) return 0.5 * rate;
  if (rate < ceiling / 2) return 0.25 * rate;
  return Math.min(0.1 * rate, (ceiling - rate) / 2);
}

/**
 * Finds the rate that a site takes from its refusals alone. One incident, however many replies it has, is one decrease; a
 * path rests after it until everything under way has been answered, then proves with one message that it is over.
 * Growth is quick far below the last refused rate and stops just under it; from time to time a little more is tried
 * (as CUBIC does, RFC 9438 §4). All times are `monotonic` milliseconds; `timeScale` shortens them in a simulated world.
 */
export class RateSearch {
  readonly #scale: number;
  #rate: number | null = null;
  #ceiling: number | null = null;
  #confirmed = 0;
  /** Clean replies since the last recovery; on an open path of the last minute or two. */
  #accepted = 0;
  #acceptedBefore = 0;
  #recoveredMs: number;
  #epochMs: number;
  readonly #second: RecentCount;
  /** The same over a tenth of it: how fast it really went when it was refused. */
  readonly #moment: RecentCount;
  /** When the last incident began, and when its pause ends. */
  #incidentMs = Number.NEGATIVE_INFINITY;
  #resumeMs = Number.NEGATIVE_INFINITY;
  #restSinceMs = 0;
  #pauses = 0;
  #windowMs = 0;
  #proving = false;
  #intervalMs = 0;
  #acceptedInInterval = 0;
  #probes = 0;
  /** Incidents in a row that came soon after the one before. */
  #soon = 0;
  /** Those in a row that came within seconds, though not at once. */
  #shorts = 0;
  #probeAtMs = 0;

  constructor(nowMs: number, timeScale = 1) {
    this.#scale = timeScale;
    this.#recoveredMs = nowMs;
    this.#epochMs = nowMs;
    this.#second = new RecentCount(1_000 / timeScale);
    this.#moment = new RecentCount(100 / timeScale);
  }

  /** Messages a second; null: as fast as it goes. */
  get rate(): number | null {
    return this.#rate;
  }

  /** The pause is over, and one message has to show that the site takes mail again. */
  get proving(): boolean {
    return this.#proving;
  }

  get resumeMs(): number {
    return this.#resumeMs;
  }

  learnt(): LearntRate {
    return { rate: this.#rate, ceiling: this.#ceiling, confirmed: this.#confirmed, windowMs: this.#windowMs };
  }

  /** Goes on with what was learnt before; `isOld`: try more at once. */
  restore({ rate, ceiling, confirmed, windowMs }: LearntRate, nowMs: number, isOld: boolean): void {
    this.#rate = rate;
    this.#ceiling = ceiling;
    this.#windowMs = windowMs;
    this.#confirmed = isOld ? 0 : confirmed;
    this.#startInterval(nowMs);
    this.#probeAtMs = isOld ? nowMs : nowMs + this.#probeWaitMs();
    this.#recoveredMs = nowMs;
  }

  /** A reply that says nothing about speed. */
  accepted({ nowMs, startedMs, isCalm }: Accepted): void {
    this.#second.add(nowMs);
    if (this.#rate === null) this.#moment.add(nowMs);
    if (this.#proving && startedMs >= this.#resumeMs) this.#recover(nowMs);
    this.#accepted++;
    if (this.#rate === null) {
      if (nowMs - this.#epochMs > openEpochMs / this.#scale) this.#turnEpoch(nowMs);
      return;
    }
    this.#acceptedInInterval++;
    if (nowMs - this.#intervalMs >= this.#intervalLengthMs(this.#rate)) this.#grow(nowMs, this.#rate, isCalm);
  }

  /**
   * The site refused a message for speed that was started at `startedMs`. null: it belongs to an incident that is known.
   * `keepsRate`: it was too many connections, so only a pause is needed.
   */
  refused(nowMs: number, startedMs: number, keepsRate = false): Incident | null {
    if (startedMs < this.#resumeMs) return null;
    const from = this.#rate;
    if (this.#proving) this.#pauses++;
    else {
      this.#pauses = 0;
      this.#restSinceMs = nowMs;
      if (keepsRate) this.#startInterval(nowMs);
      else if (from === null) this.#openRefused(nowMs);
      else this.#pacedRefused(nowMs, from);
    }
    this.#incidentMs = nowMs;
    this.#proving = true;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#pauses) / this.#scale;
    this.#resumeMs = nowMs + pauseMs;
    return { from, to: this.#rate, pauseMs };
  }

  /** Somebody else knows that it is too fast (a reaction): goes to a part of the present pace. */
  slowDown(factor: number, nowMs: number): number {
    const now = this.#rate ?? this.#second.perSecond(nowMs);
    this.#setRate(now * factor);
    this.#startInterval(nowMs);
    this.#probeAtMs = nowMs + this.#probeWaitMs();
    this.#ceiling = Math.min(this.#ceiling ?? now, now);
    return this.#rate ?? slowest;
  }

  /**
   * What it took in the last second is taken on, since nothing held it back. That was too little where the site counts in
   * shorter windows, so what was refused is only the speed of the last moment, and up to there growth goes on.
   */
  #openRefused(nowMs: number): void {
    const taken = this.#second.perSecond(nowMs);
    // The first message of all was refused: that tells of a time before this one.
    if (taken < 1) return;
    this.#soon = 1;
    this.#ceiling = Math.max(taken, this.#moment.perSecond(nowMs));
    this.#setRate(taken * backTo);
  }

  #pacedRefused(nowMs: number, rate: number): void {
    const resumedMs = nowMs - this.#resumeMs;
    const isSoon = resumedMs < Math.max(soonMs / this.#scale, 10_000 / rate);
    const isShort = isSoon || resumedMs < shortMs / this.#scale;
    const before = this.#ceiling;
    if (isShort) {
      // What came in since the last incident began, its pause included: no site takes less than that.
      const taken = (this.#accepted * 1_000) / (nowMs - this.#incidentMs);
      // The first time it may be an echo of what was tried before; the second time the allowance has changed.
      const least = isSoon && this.#soon > 0 ? rate / 4 : 0.7 * rate;
      if (isSoon && this.#soon > 0) this.#confirmed = 0;
      if (isSoon) this.#soon++;
      // A site that saves up what was not used lets too much pass for a while, so it is refused again and again at ever less:
      // then what it took is nearer to what it takes.
      const savesUp = !isSoon && this.#shorts > 0;
      this.#ceiling = savesUp ? Math.min(rate, takenMargin * taken) : rate;
      if (!isSoon) this.#shorts++;
      this.#setRate(Math.min(backTo * rate, Math.max(taken, least)));
      return;
    }
    this.#soon = 0;
    this.#shorts = 0;
    this.#ceiling = rate;
    this.#setRate(backTo * rate);
    const isSame = before !== null && rate > 0.75 * before && rate < ceilingIsGone * before;
    this.#confirmed = isSame ? this.#confirmed + 1 : 0;
  }

  /** The first clean reply after a pause. */
  #recover(nowMs: number): void {
    this.#proving = false;
    // Several pauses: the window is long, and what it took from its beginning to its end is what it takes.
    if (this.#pauses > 0 && this.#rate !== null) {
      const cycleMs = Math.max(1, nowMs - this.#recoveredMs);
      const taken = ((this.#accepted + this.#acceptedBefore) * 1_000) / cycleMs;
      this.#setRate(Math.min(this.#rate, taken));
      this.#ceiling = Math.min(this.#ceiling ?? Infinity, (this.#rate ?? slowest) / backTo);
    }
    // How long it takes until the site forgets: trying more in shorter steps than that would be answered too late.
    this.#windowMs = Math.max(this.#windowMs / 2, this.#pauses > 0 ? nowMs - this.#restSinceMs : 0);
    this.#pauses = 0;
    this.#recoveredMs = nowMs;
    this.#accepted = 0;
    this.#acceptedBefore = 0;
    this.#startInterval(nowMs);
    this.#probes = 0;
    this.#probeAtMs = nowMs + this.#probeWaitMs();
  }

  #grow(nowMs: number, rate: number, isCalm: boolean): void {
    const possible = (rate * (nowMs - this.#intervalMs)) / 1_000;
    const isUsed = this.#acceptedInInterval >= 0.7 * possible;
    this.#startInterval(nowMs);
    // A pace that is not used proves nothing (RFC 7661).
    if (!isUsed || !isCalm) return;
    const ceiling = this.#ceiling;
    if (ceiling === null) this.#setRate(rate * 1.25);
    else if (rate < plateau * ceiling) {
      this.#setRate(Math.min(plateau * ceiling, rate + stepBelow(rate, ceiling)));
    } else if (nowMs >= this.#probeAtMs) this.#probe(rate, ceiling);
  }

  /** A little more each interval, in growing steps. */
  #probe(rate: number, ceiling: number): void {
    this.#setRate(rate + Math.min(largestProbeStep, probeStep * 1.5 ** this.#probes) * ceiling);
    this.#probes++;
    if ((this.#rate ?? 0) > ceilingIsGone * ceiling) {
      this.#ceiling = null;
      this.#confirmed = 0;
      this.#probes = 0;
    }
  }

  #probeWaitMs(): number {
    return Math.min(longestProbeMs, firstProbeMs * 2 ** Math.min(this.#confirmed, 10)) / this.#scale;
  }

  /** Long enough for a handful of replies; above what was refused before, for the site to notice. */
  #intervalLengthMs(rate: number): number {
    const least = Math.max(1_000 / this.#scale, 4_000 / rate);
    const isNew = this.#ceiling === null || rate >= plateau * this.#ceiling;
    return isNew ? Math.max(least, this.#windowMs) : least;
  }

  #startInterval(nowMs: number): void {
    this.#intervalMs = nowMs;
    this.#acceptedInInterval = 0;
  }

  #turnEpoch(nowMs: number): void {
    this.#acceptedBefore = this.#accepted;
    this.#accepted = 0;
    this.#recoveredMs = this.#epochMs;
    this.#epochMs = nowMs;
  }

  #setRate(rate: number): void {
    this.#rate = Math.max(slowest * this.#scale, rate);
  }
}
