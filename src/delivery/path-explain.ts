import type { EffectiveLimits, LimitOrigin } from './limits.ts';
import type { PaceEvent, StoredPace } from './pace-ports.ts';
import type { PathReply } from './path-history.ts';
import type { PathHold } from './ports.ts';

/** One limit as it holds now. */
export type ExplainedLimit = { readonly value: number | string | null; readonly from: LimitOrigin };

/** Why a way out is as it is. */
export type PathAccount = {
  readonly site: string;
  readonly source: string | null;
  /** `new`: nothing was ever sent this way as far as is remembered; `open`: nothing keeps mail back. */
  readonly state: 'new' | 'open' | 'paced' | 'held';
  readonly because: string | null;
  readonly detail: string;
  readonly until: string | null;
  /** Times in ISO 8601, rates in messages a second. */
  readonly pace: {
    readonly perSecond: number | null;
    readonly refusedAt: number | null;
    readonly learnt: string;
  } | null;
  readonly changes: readonly {
    readonly at: string;
    readonly because: string;
    readonly from: number | null;
    readonly to: number | null;
    readonly pauseMs: number;
    readonly said: string;
  }[];
  readonly replies: readonly (Omit<PathReply, 'atMs'> & { readonly at: string })[];
};

export type PathExplanation = PathAccount & {
  readonly limits: Readonly<Record<keyof EffectiveLimits, ExplainedLimit>>;
};

export type PathRecord = {
  readonly stored: StoredPace | null;
  readonly holds: readonly PathHold[];
  readonly events: readonly PaceEvent[];
  readonly replies: readonly PathReply[];
};

/** What is on record of one way out, at a time. */
export function accountOf(
  place: { readonly site: string; readonly source: string | null },
  { stored, holds, events, replies }: PathRecord,
  nowMs: number,
): PathAccount {
  const inForce = holds.filter(({ untilMs }) => untilMs > nowMs);
  const hold = inForce.find(({ because }) => because !== 'paced') ?? inForce[0] ?? null;
  const learnt = stored?.pace.learnt ?? null;
  const isNew = stored === null && holds.length === 0 && replies.length === 0;
  return {
    ...place,
    state: hold !== null ? (hold.because === 'paced' ? 'paced' : 'held') : isNew ? 'new' : 'open',
    because: hold?.because ?? null,
    detail: hold?.detail ?? '',
    until: hold === null ? null : new Date(hold.untilMs).toISOString(),
    pace:
      stored === null || learnt === null
        ? null
        : {
            perSecond: rounded(learnt.rate),
            refusedAt: rounded(learnt.ceiling),
            learnt: timeOf(stored.pace.atMs),
          },
    changes: events.map(({ atMs, because, from, to, pauseMs, detail }) => ({
      at: timeOf(atMs),
      because,
      from: rounded(from),
      to: rounded(to),
      pauseMs,
      said: detail,
    })),
    replies: replies.map(({ atMs, ...reply }) => ({ at: timeOf(atMs), ...reply })),
  };
}

/** The limits with what was learnt over them. */
export function limitsNow(
  limits: EffectiveLimits,
  stored: StoredPace | null,
): Readonly<Record<keyof EffectiveLimits, ExplainedLimit>> {
  if (stored === null) return limits;
  const from = `learnt ${timeOf(stored.pace.atMs)}`;
  const lower = (
    limit: { readonly value: number | null; readonly from: string },
    learnt: number | null,
  ): ExplainedLimit =>
    learnt !== null && learnt < (limit.value ?? Infinity) ? { value: rounded(learnt), from } : limit;
  return {
    ...limits,
    connections: lower(limits.connections, stored.connections),
    messagesPerSecond: lower(limits.messagesPerSecond, stored.pace.learnt.rate),
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** Three digits: more are noise. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(3));
}
