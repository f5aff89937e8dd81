import { availableParallelism } from 'node:os';
import type { Clock } from '../base/index.ts';
import { AppError } from '../base/index.ts';
import type { Campaign } from '../campaigns/index.ts';
import type { DeliveryProgress, DeliveryResult, DeliveryWatch } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import type { ConnectCarrier, Engine, EngineListener, Reaction } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import { createResolver } from '../net/dns/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { CarrierLost, startCarrierThreads } from './carrier-threads.ts';
import type { CarrierThreads, StartThread } from './carrier-threads.ts';
import { createEngine } from './delivery-engine.ts';
import { outcomeReader } from './explanation.ts';
import { openWorld } from './rehearsal.ts';
import type { World } from './rehearsal.ts';
import { createHoldRemarks, createWindowRemarks } from './hold-remarks.ts';
import { watchLiftRequests } from './path-requests.ts';
import { lostText, reactionText, troubleText, withoutThreadsText } from './remarks.ts';
import { createMessageComposer } from './message-composer.ts';
import { compileAll } from './sender.ts';
import { Tally } from './tally.ts';
import { createTls } from './tls-policy.ts';

export type RunParts = {
  readonly config: Config;
  readonly store: Store;
  readonly knowledge: Knowledge;
  readonly clock: Clock;
  readonly random: () => number;
  /** Left out: threads of Node. */
  readonly startThread?: StartThread;
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
    const run = await deliverIn(world, parts, watch);
    return resultOf(parts.store, campaigns, { ...run, aborted: watch.signal.aborted });
  } finally {
    await world.stop();
  }
}

type Run = { readonly seconds: number; readonly cpuSeconds: number; readonly unknown: number };

/** What a run tells while it goes. */
export type RunWatch = Pick<DeliveryWatch, 'signal' | 'delivering' | 'remark'>;

/** What a run may be asked for beside delivering. */
export type RunOptions = {
  /** true: goes on when nothing waits, until the signal aborts. Default false. */
  readonly stays?: boolean;
  /** The engine that works from now on; null: none does, until the next one. */
  readonly onEngine?: (engine: Engine | null) => void;
  /** Beside what is shown of the run; everything told is durable. */
  readonly listener?: Partial<Pick<EngineListener, 'committed' | 'held' | 'trouble'>>;
};

/** Delivers everything that waits in open campaigns, in a world that is open already, until nothing waits. */
export async function deliverIn(
  world: World,
  parts: RunParts & { readonly options?: RunOptions },
  watch: RunWatch,
): Promise<Run> {
  const run = await runIn(world, parts, watch);
  parts.store.campaigns.finishDone();
  return run;
}

async function runIn(
  world: World,
  parts: RunParts & { readonly options?: RunOptions },
  watch: RunWatch,
): Promise<Run> {
  const { options = {} } = parts;
  const { store, knowledge, clock } = parts;
  const { config } = world;
  const contents = compileAll(config, store.campaigns.withState('open'));
  const resolver = createResolver({
    servers: world.dnsServers,
    timeoutMs: config.dns.timeoutMs,
    attempts: config.dns.attempts,
    trustAd: config.dns.trustAd,
    clock,
  });
  const tls = createTls({ config, store, resolver, clock });
  const tally = new Tally(knowledge, clock, store.delivery.waitingCount());
  const composer = createMessageComposer({ config, store, clock, contents });
  const build: BuildEngine = (carriers) =>
    createEngine({
      ...parts,
      config,
      store: store.delivery,
      paces: store.paces,
      reactions: store.reactions,
      sourceDays: store.sourceDays,
      composer,
      resolver,
      reader: outcomeReader(knowledge),
      tls: tls.policies,
      stays: options.stays === true,
      listener: {
        ...both(listener(tally, watch, clock), options.listener ?? {}),
        tlsSeen: tls.seen,
        reacted: reactionRemarks(parts, watch),
      },
      ...(carriers === null ? {} : { carriers }),
    });
  const start = (): Promise<CarrierThreads | null> => startThreads(world, parts, options.stays === true);
  const startedMs = clock.monotonic();
  const cpuBefore = process.cpuUsage();
  let shown = '';
  const show = (): void => {
    const progress = options.stays === true ? standing(tally.progress(), store) : tally.progress();
    // Who stays has nothing to tell for hours.
    const state = options.stays === true ? `${progress.done}/${progress.total}` : '';
    if (state !== '' && state === shown) return;
    shown = state;
    watch.delivering(progress);
  };
  const picture = showRegularly(clock, show);
  try {
    await runToTheEnd({ build, start, parts, onEngine: options.onEngine ?? nobody }, watch);
  } finally {
    picture.stop();
    resolver.close();
  }
  const cpu = process.cpuUsage(cpuBefore);
  const seconds = (clock.monotonic() - startedMs) / 1000;
  return { seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6, unknown: tally.unknown };
}

/** Mail comes in while it goes: the whole is what is done and what waits now. */
function standing(progress: DeliveryProgress, store: Store): DeliveryProgress {
  return { ...progress, total: progress.done + store.delivery.waitingCount() };
}

type BuildEngine = (carriers: readonly ConnectCarrier[] | null) => Engine;
type Ways = {
  readonly build: BuildEngine;
  readonly start: () => Promise<CarrierThreads | null>;
  readonly parts: RunParts;
  readonly onEngine: (engine: Engine | null) => void;
};

function nobody(): void {
  // Nobody asks for more than the run.
}

// A thread that dies again and again has a cause that a further one does not mend; one that dies once a month does not count.
const mostLosses = 3;
const lossesCountForMs = 60 * 60_000;

/** Runs the engine until nothing waits or the signal aborts; a lost thread's messages go on in a new run. */
async function runToTheEnd({ build, start, parts, onEngine }: Ways, watch: RunWatch): Promise<void> {
  const lostAtMs: number[] = [];
  while (!watch.signal.aborted) {
    const isHopeless = lostAtMs.length >= mostLosses;
    const threads = isHopeless ? null : await threadsOrNone(start, watch);
    if (isHopeless) watch.remark(withoutThreadsText(null));
    try {
      const engine = build(threads?.carriers ?? null);
      onEngine(engine);
      await runOnce(engine, watch, parts);
      return;
    } catch (error) {
      if (!(error instanceof CarrierLost)) throw error;
      watch.remark(lostText);
      const nowMs = parts.clock.monotonic();
      lostAtMs.push(nowMs);
      while ((lostAtMs[0] ?? nowMs) < nowMs - lossesCountForMs) lostAtMs.shift();
    } finally {
      onEngine(null);
      await threads?.close();
    }
  }
}

async function runOnce(engine: Engine, watch: RunWatch, { store, clock }: RunParts): Promise<void> {
  const requests = watchLiftRequests(store.folder, clock, (request) => void engine.lift(request));
  const onAbort = (): void => engine.stop(graceMs);
  watch.signal.addEventListener('abort', onAbort, { once: true });
  // Aborted while the threads started: the engine then ends as soon as it runs.
  if (watch.signal.aborted) engine.stop(graceMs);
  try {
    await engine.run();
  } finally {
    requests.stop();
    watch.signal.removeEventListener('abort', onAbort);
  }
}

/** Threads that cannot start (descriptors, memory) are no reason not to deliver. */
async function threadsOrNone(start: Ways['start'], watch: RunWatch): Promise<CarrierThreads | null> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof CarrierLost)) throw error;
    watch.remark(withoutThreadsText(error.because));
    return null;
  }
}

// A thread takes about half a second of a core to start: less mail is quicker without.
const worthThreads = 1_000;

/** One carrier a core when there is work for them, or when there may be at any time. */
async function startThreads(world: World, parts: RunParts, stays: boolean): Promise<CarrierThreads | null> {
  const { config, dnsServers } = world;
  const { store, knowledge, startThread } = parts;
  const wanted = config.delivery.threads === 0 ? availableParallelism() : config.delivery.threads;
  if (wanted < 2 || (!stays && store.delivery.waitingCount() < worthThreads)) return null;
  const setup = {
    config,
    knowledge: knowledge.facts,
    dataFolder: store.folder,
    dnsServers,
    carrierCount: wanted,
  };
  return await startCarrierThreads(setup, wanted, startThread);
}

function listener(tally: Tally, watch: RunWatch, clock: Clock): EngineListener {
  return {
    committed: (batch) => tally.add(batch),
    held: createHoldRemarks(watch.remark, clock),
    waitsForWindow: createWindowRemarks(watch.remark),
    trouble(error) {
      watch.remark(troubleText(error instanceof AppError ? error.text : null));
    },
  };
}

function both(
  first: EngineListener,
  second: Partial<Pick<EngineListener, 'committed' | 'held' | 'trouble'>>,
): EngineListener {
  return {
    ...first,
    committed(batch) {
      first.committed(batch);
      second.committed?.(batch);
    },
    held(hold) {
      first.held(hold);
      second.held?.(hold);
    },
    trouble(error) {
      first.trouble(error);
      second.trouble?.(error);
    },
  };
}

/** Tells of stops and alerts; a rule that stops something says so once, with its end. */
function reactionRemarks({ knowledge, store }: RunParts, watch: RunWatch): (reaction: Reaction) => void {
  return (reaction) => {
    const rule = knowledge.reactions.find(({ id }) => id === reaction.rule);
    const stops = rule?.steps.some((step) => step.do === 'suspend' || step.do === 'hold-campaign') ?? false;
    if (reaction.do === 'slow-down' || (reaction.do === 'alert' && stops)) return;
    const { campaignId } = reaction.target;
    const campaign = campaignId === null ? null : (store.campaigns.byId(campaignId)?.name ?? null);
    watch.remark(reactionText(reaction, rule?.meaning ?? { ja: reaction.rule, en: reaction.rule }, campaign));
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
    cpuSeconds: Math.round(run.cpuSeconds * 1000) / 1000,
    interrupted: run.aborted && waiting > 0,
    handedOver: false,
  };
}
