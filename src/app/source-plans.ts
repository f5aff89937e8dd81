import { AppError, nearest } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { dayOf } from '../delivery/index.ts';
import type { SourcePlan } from '../delivery/index.ts';
import { readWarmupPlans } from '../knowledge/index.ts';
import type { Knowledge, WarmupPlan } from '../knowledge/index.ts';

/** The configured sources with their plans; throws AppError for a plan that is not there. */
export function sourcePlans(config: Config, knowledge: Knowledge): readonly SourcePlan[] {
  return config.sources.map(({ ip, pool, warmup }) => {
    if (warmup === null) return { ip, pool, warmup: null };
    return {
      ip,
      pool,
      warmup: { startDay: dayOf(Date.parse(warmup.start)), plan: planOf(warmup.plan, knowledge) },
    };
  });
}

/** The first day of any warm-up; null: nothing is being warmed up. */
export function firstWarmupDay(plans: readonly SourcePlan[]): number | null {
  const days = plans.flatMap(({ warmup }) => (warmup === null ? [] : [warmup.startDay]));
  return days.length === 0 ? null : Math.min(...days);
}

function planOf(named: string, knowledge: Knowledge): WarmupPlan {
  const known = knowledge.warmupPlans.find(({ id }) => id === named);
  if (known !== undefined) return known;
  const isFile = /[/\\.]/.test(named);
  const [first] = isFile ? readWarmupPlans([named], new Set(knowledge.providers.map(({ id }) => id))) : [];
  if (first !== undefined) return first;
  const names = knowledge.warmupPlans.map(({ id }) => id);
  const hint = nearest(named, names) ?? names.join(', ');
  throw new AppError({
    code: 'warmup-plan-unknown',
    message: {
      ja: `sources の warmup.plan「${named}」という計画はありません`,
      en: `sources: there is no warm-up plan “${named}”`,
    },
    hint: { ja: `あるもの: ${hint}`, en: `there is: ${hint}` },
  });
}
