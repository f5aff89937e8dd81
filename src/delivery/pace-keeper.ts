import type { Clock } from '../base/index.ts';
import type { SharedHold } from './carrier-port.ts';
import type { EgressPath, Hold, OpenSession } from './egress-path.ts';
import type { DialSettings } from './hosts.ts';
import type { PaceDecision, PaceReport, PathShaper } from './path-shaper.ts';
import type { PathHold } from './ports.ts';

export type PaceKeeperOptions = {
  readonly clock: Clock;
  readonly shaper: PathShaper;
  readonly onPace: (report: PaceReport) => void;
  readonly onHold: (hold: PathHold, shared: SharedHold) => void;
  readonly onRelease: (hold: PathHold) => void;
  /** The next message may start. */
  readonly pump: (path: EgressPath) => void;
  /** Nothing goes out until the hold is over. */
  readonly enter: (path: EgressPath, hold: Hold) => void;
};

// What was learnt is kept so often while it is used: quotas and small steps, of which a crash may lose a minute's.
const keepEveryMs = 60_000;
// A timer cannot do less; and a clock that is set must not put a quota's end out of reach.
const shortestWaitMs = 1;
const longestWaitMs = 60_000;
// A wait that people would ask about is a hold.
const longestUnsaidMs = 10_000;
const mostShownDomains = 1_000;
// An idle session is kept this long for the next message: most servers allow minutes, but many sites at once cost memory.
const shortestIdleMs = 2_000;
// Many servers close what is idle for a minute.
const longestIdleMs = 30_000;

/** Makes paths wait at their pace, and tells of it: to whoever keeps it, and to whoever asks why. */
export class PaceKeeper {
  readonly #options: PaceKeeperOptions;

  constructor(options: PaceKeeperOptions) {
    this.#options = options;
  }

  /** Hands on what the path has learnt, with the decision that changed it. */
  keep(path: EgressPath, decision: PaceDecision | null): void {
    const { clock, shaper, onPace } = this.#options;
    path.paceKeptMs = clock.monotonic();
    onPace({ ...shaper.report(path, decision), shown: this.#shown(path) });
  }

  keepNowAndThen(path: EgressPath): void {
    if (path.pace?.active !== true) return;
    if (this.#options.clock.monotonic() - path.paceKeptMs > keepEveryMs) this.keep(path, null);
  }

  /** The path is dropped, or everything ends. */
  end(path: EgressPath): void {
    path.paceTimer?.cancel();
    if (path.pace?.hasLearnt === true) this.keep(path, null);
    if (!path.paceShown) return;
    path.paceShown = false;
    const hold = { because: 'paced', detail: '', untilMs: 0, last: null };
    for (const name of path.domains) this.#options.onRelease(holdRecord(path, name, hold));
  }

  /** Looks again when the pace lets the next message start; true: that is long, and the path is held until then. */
  wait(path: EgressPath): boolean {
    if (path.pace === null) return false;
    const waitMs = path.pace.mayStart(path.inFlight);
    // Where it waits for an answer or for a session, that looks again by itself.
    if (waitMs === 0 || waitMs === Infinity) return false;
    const isLong = waitMs > longestUnsaidMs && path.inFlight === 0 && path.hold === null;
    if (isLong) this.#holdForLimit(path, waitMs);
    else this.wakeAfter(path, waitMs);
    return isLong;
  }

  wakeAfter(path: EgressPath, waitMs: number): void {
    if (path.paceTimer !== null) return;
    const delayMs = Math.min(longestWaitMs, Math.max(shortestWaitMs, waitMs));
    path.paceTimer = this.#options.clock.after(delayMs, () => {
      path.paceTimer = null;
      this.#options.pump(path);
    });
  }

  /** A quota is used up: nothing goes out for long enough that people ask why. */
  #holdForLimit(path: EgressPath, waitMs: number): void {
    const { clock, enter, onHold } = this.#options;
    const untilMs = clock.now() + Math.min(longestWaitMs, waitMs);
    const hold = { because: 'paced', detail: paceText(path), untilMs, last: path.last };
    enter(path, hold);
    for (const name of path.domains) onHold(holdRecord(path, name, hold), { pathKey: path.key, hold });
  }

  /** That messages wait for their turn at a pace; of a site with very many domains the first ones. */
  #shown(path: EgressPath): readonly PathHold[] {
    const rate = path.pace?.rate ?? null;
    if (rate === null || path.hold !== null || path.queued === 0) return [];
    path.paceShown = true;
    const untilMs = this.#options.clock.now() + Math.ceil((path.queued * 1_000) / rate);
    const hold = { because: 'paced', detail: paceText(path), untilMs, last: null };
    return [...path.domains].slice(0, mostShownDomains).map((name) => holdRecord(path, name, hold));
  }
}

export function holdRecord(path: EgressPath, domain: string, hold: Hold): PathHold {
  const { because, detail, untilMs } = hold;
  return { site: path.site.name, domain, source: path.source.ip, because, detail, untilMs };
}

/** The pace in words of no language. */
function paceText({ pace }: EgressPath): string {
  const rate = pace?.rate ?? null;
  return rate === null ? '' : `${Number(rate.toPrecision(3))}/s`;
}

/** How long an idle session is kept: at a pace it rests while the others have their turns. */
export function idleMs({ pace, sessions }: EgressPath): number {
  const rate = pace?.active === true ? pace.rate : null;
  if (rate === null) return shortestIdleMs;
  return Math.min(longestIdleMs, Math.max(shortestIdleMs, (3 * sessions.size * 1_000) / rate));
}

/** Of those with as much under way, the one used longest ago. */
export function leastBusyFirst(sessions: ReadonlySet<OpenSession>): readonly OpenSession[] {
  return [...sessions].toSorted((a, b) => a.inFlight - b.inFlight);
}

type WithTls = Pick<DialSettings, 'tls'>;

/** A provider that takes mail over TLS only is never spoken to in the clear; an operator who has TLS switched off knows why. */
export function tlsAsLimited<Settings extends WithTls>(settings: Settings, { tls }: EgressPath): Settings {
  if (tls !== 'required' || settings.tls.mode !== 'opportunistic') return settings;
  return { ...settings, tls: { ...settings.tls, mode: 'required' } };
}
