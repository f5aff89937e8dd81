import { BusyClock } from './busy-clock.ts';
import { PathPace } from '../../src/delivery/path-pace.ts';
import type { PaceChange, PaceSnapshot } from '../../src/delivery/path-pace.ts';
import { createShaping } from '../../src/delivery/limits.ts';
import type { EffectiveLimits } from '../../src/delivery/limits.ts';
import { SessionCount } from '../../src/delivery/pace.ts';
import type { Attempted } from '../../src/delivery/settle.ts';

/** How a receiver counts: buckets that refill, windows that begin with a message, or the time just past. */
export type Counting = 'bucket' | 'window' | 'sliding';

export type SiteModel = {
  readonly counting: Counting;
  /** Messages a second; may change while it goes. */
  readonly perSecond: (atMs: number) => number;
  readonly windowMs: number;
  readonly connections: number;
  /** Blocks for 20 minutes after so many throttle replies; 0: never. */
  readonly blocksAfter: number;
  readonly latencyMs: () => number;
};

/** What happened in one second. */
export type Second = { accepted: number; refused: number };

export type PacedRun = {
  readonly seconds: readonly Second[];
  readonly changes: readonly PaceChange[];
  readonly throttleReplies: number;
  readonly blocked: boolean;
  readonly snapshot: PaceSnapshot;
};

const blockMs = 20 * 60_000;

/** The receiver's side: takes a message or refuses it. */
function receiver(model: SiteModel): { take(atMs: number): boolean; replies(): number; blocked(): boolean } {
  const taken: number[] = [];
  let first = 0;
  let tokens = Number.NaN;
  let lastMs = 0;
  let windowMs = Number.NEGATIVE_INFINITY;
  let inWindow = 0;
  let throttleReplies = 0;
  let blockedMs = Number.NEGATIVE_INFINITY;
  let everBlocked = false;
  const allows = (atMs: number): boolean => {
    const most = (model.perSecond(atMs) * model.windowMs) / 1_000;
    switch (model.counting) {
      case 'bucket': {
        if (Number.isNaN(tokens)) tokens = most;
        tokens = Math.min(most, tokens + ((atMs - lastMs) * model.perSecond(atMs)) / 1_000);
        lastMs = atMs;
        if (tokens < 1) return false;
        tokens--;
        return true;
      }
      case 'window':
        if (atMs - windowMs >= model.windowMs) {
          windowMs = atMs;
          inWindow = 0;
        }
        return ++inWindow <= most;
      case 'sliding':
        while (taken.length > first && (taken[first] ?? 0) <= atMs - model.windowMs) first++;
        if (taken.length - first >= most) return false;
        taken.push(atMs);
        return true;
    }
  };
  return {
    take(atMs) {
      const isBlocked = atMs - blockedMs < blockMs;
      if (!isBlocked && allows(atMs)) return true;
      throttleReplies++;
      if (model.blocksAfter > 0 && throttleReplies === model.blocksAfter) {
        blockedMs = atMs;
        everBlocked = true;
      }
      return false;
    },
    replies: () => throttleReplies,
    blocked: () => everBlocked,
  };
}

/** What the sender gets: enough of an outcome for the pace. */
function attempted(accepted: boolean, durationMs: number): Attempted {
  const place = { host: 'mx', address: '192.0.2.1', source: null, tls: null, durationMs };
  const verdict = accepted ? null : 'speeding';
  const reply = { code: accepted ? 250 : 421, status: null, lines: [accepted ? 'ok' : 'too fast'] };
  return {
    outcome: {
      ...place,
      kind: accepted ? 'delivered' : 'deferred',
      scope: 'message',
      stage: 'mail',
      origin: 'remote',
      reply,
    },
    reading: { verdict, detail: null, rule: null, confidence: 1 },
  };
}

/**
 * A path with more to send than any site takes, against a model of the receiver, on a fake clock: the control loop alone. A
 * refusal ends its connection, as 421 does. `restore`: what was learnt before.
 */
export function runPaced(
  model: SiteModel,
  options: {
    readonly seconds: number;
    readonly mostSessions?: number;
    readonly restore?: PaceSnapshot;
    /** Messages a second, whatever the replies say. */
    readonly fixed?: number;
  },
): PacedRun {
  const clock = new BusyClock();
  const startMs = clock.monotonic();
  const pace = new PathPace({ clock, timeScale: 1 });
  const count = new SessionCount(clock, options.mostSessions ?? 20);
  if (options.restore !== undefined) pace.restore(options.restore);
  if (options.fixed !== undefined) pace.limit(fixedLimits(options.fixed));
  const site = receiver(model);
  const seconds: Second[] = Array.from({ length: options.seconds + 1 }, () => ({ accepted: 0, refused: 0 }));
  const changes: PaceChange[] = [];
  let open = 0;
  let dialing = 0;
  let inFlight = 0;
  let timer: { cancel(): void } | null = null;
  const idle: (() => void)[] = [];
  const place = (): Second =>
    seconds[Math.floor((clock.monotonic() - startMs) / 1_000)] ?? { accepted: 0, refused: 0 };

  const pump = (): void => {
    timer?.cancel();
    for (;;) {
      const waitMs = pace.active ? pace.mayStart(inFlight) : 0;
      if (waitMs > 0) {
        if (waitMs < Infinity) timer = clock.after(Math.max(1, waitMs), pump);
        return;
      }
      const session = idle.shift();
      if (session === undefined) break;
      session();
    }
    while (open + dialing < Math.min(count.allowed, pace.usefulConnections)) connect();
  };
  const connect = (): void => {
    dialing++;
    clock.after(model.latencyMs(), () => {
      dialing--;
      if (open >= model.connections) {
        place().refused++;
        count.tooMany(open);
        return;
      }
      open++;
      idle.push(() => send(true));
      pump();
    });
  };
  const send = (isFirst: boolean): void => {
    inFlight++;
    if (pace.active) pace.started();
    const latency = model.latencyMs();
    const half = latency / 2;
    clock.after(half, () => {
      const accepted = site.take(clock.monotonic() - startMs);
      clock.after(half, () => {
        inFlight--;
        if (accepted) {
          place().accepted++;
          if (isFirst) count.worked(open);
          idle.push(() => send(false));
        } else {
          place().refused++;
          open--;
        }
        const reply = attempted(accepted || options.fixed !== undefined, latency);
        const incident = pace.learn(reply, open + 1);
        if (incident !== null) changes.push(incident.change);
        pump();
      });
    });
  };
  pump();
  clock.run(options.seconds * 1_000);
  return {
    seconds,
    changes,
    throttleReplies: site.replies(),
    blocked: site.blocked(),
    snapshot: pace.snapshot(),
  };
}

function fixedLimits(perSecond: number): EffectiveLimits {
  const limits = { messagesPerSecond: perSecond };
  const rule = { id: 'fixed', match: {}, limits, from: 'fixed', builtIn: false };
  const path = { site: 'mx', mxHosts: ['mx'], domain: 'a.example', provider: null, source: null, pool: null };
  return createShaping([rule], { connections: 20, messagesPerConnection: 100 }).limitsFor(path);
}

/** Of the seconds from `from` to `to`. */
export function sumOf(run: PacedRun, from: number, to: number): Second {
  return run.seconds
    .slice(from, to)
    .reduce(
      (sum, each) => ({ accepted: sum.accepted + each.accepted, refused: sum.refused + each.refused }),
      { accepted: 0, refused: 0 },
    );
}
