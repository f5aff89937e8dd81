import { once } from 'node:events';
import { AppError } from '../base/index.ts';
import type { Language } from '../base/index.ts';
import type { ServeResult, ServeWatch } from '../cli/index.ts';
import { openControl } from '../control/index.ts';
import type { Control } from '../control/index.ts';
import type { Disposition } from '../inbound/index.ts';
import { createMetrics } from '../metrics/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { campaignActions } from './campaign-actions.ts';
import type { RunParts } from './delivery-run.ts';
import type { Doors } from './inbound-doors.ts';
import { openIntake } from './intake-door.ts';
import { createReadiness, freeBytesOf } from './readiness.ts';
import type { Readiness } from './readiness.ts';
import { liveConfig } from './live-config.ts';
import { watchOwnListings } from './own-listings.ts';
import { openWorld } from './rehearsal.ts';
import type { World } from './rehearsal.ts';
import { controlTroubleText, noControlText, reportTroubleText } from './remarks.ts';
import { openServeDoors } from './serve-doors.ts';
import type { OpenServeDoors } from './serve-doors.ts';
import { createServeLog } from './serve-log.ts';
import type { ServeLog } from './serve-log.ts';
import { countSettled } from './serve-metrics.ts';
import { startStandingDelivery } from './standing-delivery.ts';
import type { StandingDelivery } from './standing-delivery.ts';
import { storeControlActions } from './store-actions.ts';
import { startDailyReports } from './tls-reports.ts';

// As long as delivery waits for replies that are due (delivery-run.ts); a client in the middle of a mail comes again.
const graceMs = 10_000;

export type ServingParts = RunParts & { readonly version: string; readonly language: Language };

/**
 * Everything in one process, until the signal aborts: takes mail, delivers it, takes what comes back. Opened in the order in
 * which each needs the other, closed the other way round; nothing is left half-done: doors close, mails and attempts under
 * way end, everything known is written down.
 */
export async function serve(given: ServingParts, watch: ServeWatch): Promise<ServeResult> {
  const parts = { ...given, config: liveConfig(given.config, given.store.domains) };
  const taken: Record<Disposition | 'refused', number> = {
    news: 0,
    unsubscribe: 0,
    report: 0,
    kept: 0,
    ignored: 0,
    refused: 0,
  };
  const metrics = createMetrics({ ofProcess: true });
  const log = createServeLog(parts.config, parts.language, watch);
  const intake = await openIntake(parts, {
    remark: log.remark,
    count(what) {
      taken[what] += 1;
      metrics.count('todoku_returned_total', { as: what });
    },
  });
  try {
    const opened = await openWorld(parts.config, parts.store.folder, intake.smtp);
    const world = { ...opened, config: liveConfig(opened.config, parts.store.domains) };
    try {
      await serveIn(world, { ...parts, intake, metrics, log }, watch);
    } finally {
      await world.stop();
    }
  } finally {
    await intake.stop(graceMs);
  }
  log.stopped();
  return { taken, ledger: parts.store.reports.ledger() };
}

type OpenParts = ServingParts & {
  readonly intake: Doors;
  readonly metrics: Metrics;
  readonly log: ServeLog;
};

async function serveIn(world: World, parts: OpenParts, watch: ServeWatch): Promise<void> {
  const { log } = parts;
  const engineRuns = { now: (): boolean => false };
  const readiness = createReadiness({
    folder: parts.store.folder,
    leastFreeBytes: parts.config.outbox.freeDiskBytes,
    engineRuns: () => engineRuns.now(),
  });
  const delivery = startDelivery(world, { ...parts, readiness }, watch);
  engineRuns.now = () => delivery.running;
  showGauges(parts, readiness, delivery);
  let doors: OpenServeDoors | null = null;
  let control: Control | null = null;
  const reports = startDailyReports(world, parts, (error) =>
    log.remark(reportTroubleText(error instanceof AppError ? error.text : null, error)),
  );
  const listings = watchOwnListings(world, parts, log.remark);
  try {
    doors = await openServeDoors({
      ...parts,
      dnsServers: world.dnsServers,
      worldConfig: world.config,
      remark: log.remark,
      readiness,
      delivery,
    });
    control = await openCommands(parts, delivery);
    await delivery.begun;
    tellStart(parts, doors, watch);
    // A fault of the engine ends everything: whoever supervises the process starts it again.
    await Promise.race([delivery.end, aborted(watch.signal)]);
  } finally {
    readiness.end();
    log.stopping();
    // The doors close while delivery waits for its last answers, not after it: who stops a service kills it soon after.
    await Promise.all([
      doors?.stop(graceMs),
      parts.intake.stop(graceMs),
      reports.stop(graceMs),
      listings.stop(),
      delivery.stop(),
    ]);
    await control?.stop();
    await doors?.last(graceMs);
  }
}

function startDelivery(
  world: World,
  parts: OpenParts & { readonly readiness: Readiness },
  { signal, delivering }: ServeWatch,
): StandingDelivery {
  const { metrics, log, readiness } = parts;
  const delivery = startStandingDelivery(world, parts, {
    signal,
    delivering,
    remark: log.remark,
    committed(batch) {
      countSettled(metrics, batch);
      log.settled(batch);
    },
    held: ({ because }) => metrics.count('todoku_holds_total', { because }),
    trouble(error) {
      readiness.trouble(error);
      if (error !== null) metrics.count('todoku_store_trouble_total', {});
    },
  });
  // A fault while the doors open is met when all are.
  delivery.end.catch(() => undefined);
  return delivery;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Where other commands on this machine ask for what they would do themselves; without it they are refused. */
async function openCommands(parts: OpenParts, delivery: StandingDelivery): Promise<Control | null> {
  const { store, version, metrics, log } = parts;
  const onAccepted = (count: number): void =>
    metrics.count('todoku_messages_accepted_total', { via: 'campaign' }, count);
  const control = await openControl({
    folder: store.folder,
    version,
    actions: { ...storeControlActions(parts), ...campaignActions({ ...parts, delivery, onAccepted }) },
    onTrouble: (error) => log.remark(controlTroubleText(error)),
  });
  if (control === null) log.remark(noControlText);
  return control;
}

function showGauges({ metrics, store }: OpenParts, readiness: Readiness, delivery: StandingDelivery): void {
  metrics.gauge('todoku_messages_waiting', () => store.delivery.waitingCount());
  metrics.gauge('todoku_engine_running', () => (delivery.running ? 1 : 0));
  metrics.gauge('todoku_ready', () => (readiness.ready() ? 1 : 0));
  metrics.gauge('todoku_disk_free_bytes', () => freeBytesOf(store.folder));
}

function tellStart(parts: OpenParts, doors: OpenServeDoors, watch: ServeWatch): void {
  const { config, intake, store, log, version } = parts;
  const start = {
    smtp: intake.smtp,
    returnPaths: config.domains.map(({ returnPath }) => returnPath),
    maildirs: config.inbound.maildirs,
    imap: config.inbound.imap.map(({ user, host, folder }) => `${user}@${host}/${folder}`),
    waiting: store.delivery.waitingCount(),
    doors: doors.doors.map(({ name, places }) => ({ name, places })),
  };
  log.started(start, version);
  watch.started(start);
}
