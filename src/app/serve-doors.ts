import type { Bilingual } from '../base/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { openOperationDoor } from './operation-door.ts';
import type { RunParts } from './delivery-run.ts';
import type { Readiness } from './readiness.ts';
import type { Door } from './serve-parts.ts';
import type { StandingDelivery } from './standing-delivery.ts';

export type ServeDoorsParts = RunParts & {
  readonly version: string;
  readonly metrics: Metrics;
  readonly remark: (text: Bilingual) => void;
  readonly readiness: Readiness;
  readonly delivery: StandingDelivery;
};

export type OpenServeDoors = {
  readonly doors: readonly Door[];
  /** All but the one that tells how we are. */
  stop(graceMs: number): Promise<void>;
  /** Also that one, when nothing else is open. */
  last(graceMs: number): Promise<void>;
};

/** Opens what the configuration names, or nothing: when one cannot be opened, those before it close again. */
export async function openServeDoors(parts: ServeDoorsParts): Promise<OpenServeDoors> {
  const { config, clock, readiness, metrics } = parts;
  const opened: Door[] = [];
  const last: Door[] = [];
  const closeAll = async (doors: readonly Door[], graceMs: number): Promise<void> => {
    await Promise.all(doors.map((door) => door.stop(graceMs)));
  };
  try {
    if (config.metrics.listen !== null)
      last.push(await openOperationDoor(config.metrics.listen, clock, { checks: readiness.checks, metrics }));
  } catch (error) {
    await closeAll([...opened, ...last], 0);
    throw error;
  }
  return {
    doors: [...opened, ...last],
    stop: (graceMs) => closeAll(opened, graceMs),
    last: (graceMs) => closeAll(last, graceMs),
  };
}
