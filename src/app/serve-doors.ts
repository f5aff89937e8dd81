import { AppError } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Bilingual } from '../base/index.ts';
import { operationRoutes } from '../http/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { countedOutbox } from './counted-outbox.ts';
import { dnsServers } from './delivery-engine.ts';
import type { RunParts } from './delivery-run.ts';
import { openHttpDoor } from './http-door.ts';
import { openOutbox } from './open-outbox.ts';
import type { WorkingOutbox } from './open-outbox.ts';
import { openOperationDoor } from './operation-door.ts';
import type { Readiness } from './readiness.ts';
import { keepingTroubleText } from './remarks.ts';
import type { Door, ServeParts } from './serve-parts.ts';
import type { StandingDelivery } from './standing-delivery.ts';
import { openSubmissionDoor } from './submission-door.ts';
import { openWebhooks } from './webhooks-door.ts';

export type ServeDoorsParts = RunParts & {
  readonly version: string;
  readonly dnsServers: readonly string[];
  /** Of the world that is delivered to. */
  readonly worldConfig: Config;
  readonly metrics: Metrics;
  readonly remark: (text: Bilingual) => void;
  readonly readiness: Readiness;
  readonly delivery: StandingDelivery;
};

export type OpenServeDoors = {
  readonly doors: readonly Door[];
  /** All but the one that tells how we are; then the outbox that mail was handed to. */
  stop(graceMs: number): Promise<void>;
  /** Also that one, when nothing else is open. */
  last(graceMs: number): Promise<void>;
};

/** Opens what the configuration names, or nothing: when one cannot be opened, those before it close again. */
export async function openServeDoors(parts: ServeDoorsParts): Promise<OpenServeDoors> {
  const { config, clock, readiness, metrics } = parts;
  const working = await openOutbox({
    ...parts,
    arrived: (messages) => parts.delivery.arrived(messages),
    onTrouble: (error) =>
      parts.remark(keepingTroubleText(error instanceof AppError ? error.text : null, error)),
  });
  const opened: Door[] = [];
  const last: Door[] = [];
  const stop = async (graceMs: number): Promise<void> => {
    await Promise.all(opened.map((door) => door.stop(graceMs)));
    await working.stop();
  };
  const stopLast = async (graceMs: number): Promise<void> => {
    await Promise.all(last.map((door) => door.stop(graceMs)));
  };
  try {
    const { listen } = config.metrics;
    const operation = { checks: () => readiness.checks(), metrics };
    if (listen !== null) last.push(await openOperationDoor(listen, clock, operation));
    const serveParts = servePartsOf(parts, working);
    const webhooks = openWebhooks({ ...serveParts, dnsServers: dnsServers(config) });
    opened.push(webhooks.door);
    opened.push(await openSubmissionDoor(serveParts));
    const http = await openHttpDoor({
      ...serveParts,
      version: parts.version,
      dnsServers: parts.dnsServers,
      worldConfig: parts.worldConfig,
      delivery: parts.delivery,
      groups: [
        operationRoutes({ ...operation, metrics: listen === null ? metrics : null }),
        ...webhooks.groups,
      ],
    });
    if (http !== null) opened.push(http);
  } catch (error) {
    await Promise.all([stop(0), stopLast(0)]);
    throw error;
  }
  return { doors: [...opened, ...last], stop, last: stopLast };
}

function servePartsOf(parts: ServeDoorsParts, { outbox }: WorkingOutbox): ServeParts {
  const { config, store, knowledge, clock, random, metrics, remark } = parts;
  const { mails, keys, events } = store;
  return {
    config,
    store,
    knowledge,
    clock,
    random,
    outbox: countedOutbox(outbox, metrics),
    mails,
    keys,
    events,
    metrics,
    remark,
  };
}
