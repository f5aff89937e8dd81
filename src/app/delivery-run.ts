import type { Clock } from '../base/index.ts';
import { AppError } from '../base/index.ts';
import { createComposer } from '../campaigns/index.ts';
import type { Campaign } from '../campaigns/index.ts';
import type { DeliveryResult, DeliveryWatch } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import type { CompiledContent } from '../compose/index.ts';
import type { EngineListener, PathHold } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import { createResolver } from '../net/dns/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { createEngine } from './delivery-engine.ts';
import { outcomeReader } from './explanation.ts';
import { openWorld } from './rehearsal.ts';
import type { World } from './rehearsal.ts';
import { holdText, troubleText } from './remarks.ts';
import { compileFor, senderOf } from './sender.ts';
import { Tally } from './tally.ts';

export type RunParts = {
  readonly config: Config;
  readonly store: Store;
  readonly knowledge: Knowledge;
  readonly clock: Clock;
  readonly random: () => number;
};

// How long Ctrl-C waits for replies that are due; a slower one is written down as unknown and tried again.
const graceMs = 10_000;
const showEveryMs = 200;

/** Delivers everything that waits in open campaigns and answers for `campaigns`. */
export async function deliver(
  parts: RunParts,
  campaigns: readonly Campaign[],
  watch: DeliveryWatch,
): Promise<DeliveryResult> {
  const world = await openWorld(parts.config, parts.store.folder);
  try {
    const run = await runIn(world, parts, watch);
    parts.store.campaigns.finishDone();
    return resultOf(parts.store, campaigns, { ...run, aborted: watch.signal.aborted });
  } finally {
    await world.stop();
  }
}

type Run = { readonly seconds: number; readonly unknown: number };

async function runIn(world: World, parts: RunParts, watch: DeliveryWatch): Promise<Run> {
  const { store, knowledge, clock } = parts;
  const { config } = world;
  const contents = compileAll(config, store.campaigns.withState('open'));
  const resolver = createResolver({
    servers: world.dnsServers,
    timeoutMs: config.dns.timeoutMs,
    attempts: config.dns.attempts,
    clock,
  });
  const tally = new Tally(knowledge, clock, store.delivery.waitingCount());
  const composer = createComposer({
    campaignById: (id) => store.campaigns.byId(id),
    compile: (campaign) => contents.get(campaign.id) ?? compileFor(config, campaign),
    senderOf: (campaign) => senderOf(config, campaign),
    secret: store.secret,
    clock,
  });
  const engine = createEngine({
    ...parts,
    config,
    store: store.delivery,
    composer,
    resolver,
    reader: outcomeReader(knowledge),
    listener: listener(tally, watch),
  });
  const startedMs = clock.monotonic();
  const picture = showRegularly(clock, () => watch.delivering(tally.progress()));
  const onAbort = (): void => engine.stop(graceMs);
  watch.signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (!watch.signal.aborted) await engine.run();
  } finally {
    watch.signal.removeEventListener('abort', onAbort);
    picture.stop();
    resolver.close();
  }
  return { seconds: (clock.monotonic() - startedMs) / 1000, unknown: tally.unknown };
}

/** A template or key that no longer works stops the command, not single messages. */
function compileAll(config: Config, campaigns: readonly Campaign[]): ReadonlyMap<number, CompiledContent> {
  return new Map(campaigns.map((campaign) => [campaign.id, compileFor(config, campaign)]));
}

function listener(tally: Tally, watch: DeliveryWatch): EngineListener {
  const told = new Set<string>();
  return {
    committed: (batch) => tally.add(batch),
    held(hold: PathHold) {
      // Once per site and reason: a path that is held again and again is one piece of news.
      const key = `${hold.site} ${hold.because}`;
      if (told.has(key)) return;
      told.add(key);
      watch.remark(holdText(hold));
    },
    trouble(error) {
      watch.remark(troubleText(error instanceof AppError ? error.text : null));
    },
  };
}

function showRegularly(clock: Clock, show: () => void): { stop(): void } {
  const next = (): { cancel(): void } =>
    clock.after(showEveryMs, () => {
      show();
      timer = next();
    });
  let timer = next();
  return {
    stop() {
      timer.cancel();
      show();
    },
  };
}

/** The answer of design.md §6, from the ledger. */
export function resultOf(
  store: Store,
  campaigns: readonly Campaign[],
  run: Run & { readonly aborted: boolean },
): DeliveryResult {
  const names = campaigns.map((campaign) => campaign.name);
  const rows = store.reports.ledger().campaigns.filter((row) => names.includes(row.campaign));
  const sum = (pick: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0);
  const delivered = sum((row) => row.delivered);
  const waiting = sum((row) => row.waiting);
  const seconds = Math.round(run.seconds * 1000) / 1000;
  return {
    campaign: names.length === 1 ? (names[0] ?? null) : null,
    campaigns: names,
    accepted: sum((row) => row.accepted),
    delivered,
    bounced: sum((row) => row.bounced),
    suppressed: sum((row) => row.suppressed),
    expired: sum((row) => row.expired),
    cancelled: sum((row) => row.cancelled),
    waiting,
    seconds,
    perSecond: seconds > 0 ? Math.round((delivered / seconds) * 10) / 10 : 0,
    unknown: run.unknown,
    interrupted: run.aborted && waiting > 0,
  };
}
