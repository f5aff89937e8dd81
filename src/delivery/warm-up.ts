import type { WarmupPlan } from '../knowledge/index.ts';

/** What one source has shown to one provider on one day (UTC). */
export type SourceDay = {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly source: string;
  /** '' for those not known to us. */
  readonly provider: string;
  readonly messages: number;
  /** Of them, those that speak against the source. */
  readonly bad: number;
};

/** Where a source stands with a provider. */
export type WarmupStep = {
  /** Day of the plan, from 1; that of the calendar may be later. */
  readonly day: number;
  readonly of: number;
  /** Messages that it may show today; null: it is warm. */
  readonly most: number | null;
  readonly because:
    | 'not-started'
    | 'first-day'
    | 'grown'
    | 'too-little-sent'
    | 'bad-signs'
    | 'paused'
    | 'warm';
};

export const dayMs = 86_400_000;

/** Days since 1970-01-01, UTC: the day of the providers is not known, and one of ours must be the same everywhere. */
export function dayOf(atMs: number): number {
  return Math.floor(atMs / dayMs);
}

// One of twenty that is refused as spam or for reputation is more than a source without a name can afford.
const badShare = 0.05;
const pauseShare = 0.1;
// Below this a share says nothing.
const leastMessages = 20;

/** The days of the plan for a provider. */
export function daysFor(plan: WarmupPlan, provider: string): readonly number[] {
  return plan.providers[provider] ?? plan.days;
}

/**
 * Where a source stands today, from nothing but what it did: a day forward when at least half of what it might was shown
 * and was taken well, a day back after bad signs. `history`: of that source and provider, in any order.
 */
export function warmupStep(
  days: readonly number[],
  history: readonly SourceDay[],
  { startDay, today }: { readonly startDay: number; readonly today: number },
): WarmupStep {
  const of = days.length;
  if (today < startDay) return { day: 0, of, most: 0, because: 'not-started' };
  const byDay = new Map(history.map((each) => [each.day, each]));
  let step = 0;
  let because: WarmupStep['because'] = 'first-day';
  for (let day = startDay; day < today && step < of; day++) {
    const { messages, bad } = byDay.get(day) ?? { messages: 0, bad: 0 };
    because = nextBecause(messages, bad, days[step] ?? 0);
    if (because === 'grown') step++;
    else if (because === 'bad-signs') step = Math.max(0, step - 1);
  }
  if (step >= of) return { day: of, of, most: null, because: 'warm' };
  const now = byDay.get(today);
  const isPaused = now !== undefined && now.messages >= leastMessages && now.bad > pauseShare * now.messages;
  if (isPaused) return { day: step + 1, of, most: 0, because: 'paused' };
  return { day: step + 1, of, most: days[step] ?? 0, because };
}

function nextBecause(messages: number, bad: number, most: number): 'grown' | 'too-little-sent' | 'bad-signs' {
  if (messages >= leastMessages && bad > badShare * messages) return 'bad-signs';
  return 2 * messages >= most ? 'grown' : 'too-little-sent';
}
