import { z } from 'zod';
import { invalidKnowledge, readYamlFile } from './yaml-file.ts';

/** How many messages a new source may show to a provider on each day; after the last one it is warm. */
export type WarmupPlan = {
  readonly id: string;
  /** For providers that the plan does not name. */
  readonly days: readonly number[];
  /** By id of the provider. */
  readonly providers: Readonly<Record<string, readonly number[]>>;
};

const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower case letters, digits and single hyphens');
// A year of days.
const days = z
  .array(z.int().min(1).max(10_000_000))
  .min(1)
  .max(366)
  .refine(
    (each) => each.every((most, at) => most <= 2 * (each[at - 1] ?? most)),
    'no day more than double the day before: providers take that for an attack',
  );

const warmupFile = z.strictObject({
  plans: z.array(
    z.strictObject({
      id: name,
      days,
      providers: z.record(name, days).default({}),
      source: z.array(z.string().min(2)).min(1),
    }),
  ),
});

/** Plans of all files in order, the operator's first; of two with the same id the first. */
export function readWarmupPlans(
  paths: readonly string[],
  providerIds: ReadonlySet<string>,
): readonly WarmupPlan[] {
  const byId = new Map<string, WarmupPlan>();
  for (const path of paths) {
    const file = readYamlFile(path, warmupFile);
    for (const [index, { id, days: others, providers }] of file.value.plans.entries()) {
      const stranger = Object.keys(providers).find((provider) => !providerIds.has(provider));
      if (stranger !== undefined)
        throw invalidKnowledge(
          path,
          file.lineOf(['plans', index, 'providers', stranger]),
          `plan ${id}: provider ${stranger} is not in providers.yaml`,
        );
      if (!byId.has(id)) byId.set(id, { id, days: others, providers });
    }
  }
  return [...byId.values()];
}
