import type { Clock } from '../base/index.ts';
import type { SourceAccount, SourceCheck, SourceStanding } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import { checkSource, dayOf, daysFor, warmupStep } from '../delivery/index.ts';
import type { SourceDay, SourcePlan } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import { createResolver } from '../net/dns/index.ts';
import { isLocalAddress } from '../net/smtp-client/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { dnsServers } from './delivery-engine.ts';
import { firstWarmupDay, sourcePlans } from './source-plans.ts';

export type SourceParts = {
  /** null: there is no data folder yet, and nothing was ever sent. */
  readonly store: Pick<Store, 'sourceDays'> | null;
  readonly config: Config;
  readonly knowledge: Knowledge;
  readonly clock: Clock;
};

/** Every configured source, and where it stands in its warm-up with each provider it has met or has a plan for, and with `also`. */
export function listSources(parts: SourceParts, also: string | null = null): readonly SourceAccount[] {
  const { store, config, knowledge, clock } = parts;
  const plans = sourcePlans(config, knowledge);
  const today = dayOf(clock.now());
  const firstDay = firstWarmupDay(plans);
  const history = firstDay === null ? [] : (store?.sourceDays.since(firstDay) ?? []);
  return config.sources.map(({ ip, hostname, pool, warmup }, index) => {
    const plan = plans[index]?.warmup ?? null;
    if (plan === null || warmup === null) return { ip, hostname, pool, warmup: null };
    const own = history.filter(({ source }) => source === ip);
    return {
      ip,
      hostname,
      pool,
      warmup: { start: warmup.start, plan: plan.plan.id, providers: standings(plan, own, { today, also }) },
    };
  });
}

type Warming = NonNullable<SourcePlan['warmup']>;

function standings(
  { startDay, plan }: Warming,
  history: readonly SourceDay[],
  { today, also }: { readonly today: number; readonly also: string | null },
): readonly SourceStanding[] {
  const names = new Set([
    ...Object.keys(plan.providers),
    ...history.map(({ provider }) => provider),
    also ?? '',
    '',
  ]);
  return [...names].map((provider) => {
    const own = history.filter((each) => each.provider === provider);
    const now = own.find(({ day }) => day === today);
    const step = warmupStep(daysFor(plan, provider), own, { startDay, today });
    return {
      provider: provider === '' ? null : provider,
      ...step,
      sentToday: now?.messages ?? 0,
      badToday: now?.bad ?? 0,
      days: daysFor(plan, provider),
      history: own.map(({ day, messages, bad }) => ({
        date: new Date(day * 86_400_000).toISOString().slice(0, 10),
        messages,
        bad,
      })),
    };
  });
}

/** Asks the system and the DNS about each source, or about one. */
export async function checkSources(
  { config, clock }: Pick<SourceParts, 'config' | 'clock'>,
  ip: string | null,
): Promise<readonly SourceCheck[]> {
  const { timeoutMs, attempts } = config.dns;
  const resolver = createResolver({ servers: dnsServers(config), timeoutMs, attempts, clock });
  try {
    const asked = config.sources.filter((source) => ip === null || source.ip === ip);
    return await Promise.all(
      asked.map(async ({ ip: address, hostname, pool }) => {
        const findings = await checkSource({ ip: address, hostname }, { resolver, isLocal: isLocalAddress });
        return { ip: address, hostname, pool, findings };
      }),
    );
  } finally {
    resolver.close();
  }
}
