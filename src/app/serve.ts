import { once } from 'node:events';
import { AppError } from '../base/index.ts';
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
import { openWorld } from './rehearsal.ts';
import type { World } from './rehearsal.ts';
import { controlTroubleText, noControlText, reportTroubleText } from './remarks.ts';
import { countSettled } from './serve-metrics.ts';
import type { Door } from './serve-parts.ts';
import { startStandingDelivery } from './standing-delivery.ts';
import type { StandingDelivery } from './standing-delivery.ts';
import { storeControlActions } from './store-actions.ts';
import { startDailyReports } from './tls-reports.ts';

// As long as delivery waits for replies that are due (delivery-run.ts); a client in the middle of a mail comes again.
const graceMs = 10_000;

type ServingParts = RunParts & { readonly version: string };

/**
 * Everything in one process, until the signal aborts: takes mail, delivers it, takes what comes back. Opened in the order in
 * which each needs the other, closed the other way round; nothing is left half-done: doors close, mails and attempts under
 * way end, everything known is written down.
 */
export async function serve(parts: ServingParts, watch: ServeWatch): Promise<ServeResult> {
  const taken: Record<Disposition | 'refused', number> = {
    news: 0,
    unsubscribe: 0,
    report: 0,
    kept: 0,
    ignored: 0,
    refused: 0,
  };
  const metrics = createMetrics({ ofProcess: true });
  const { remark } = watch;
  const intake = await openIntake(parts, {
    remark,
    count(what) {
      taken[what] += 1;
      metrics.count('todoku_returned_total', { as: what });
    },
  });
  try {
    const world = await openWorld(parts.config, parts.store.folder, intake.smtp);
    try {
      await serveIn(world, { ...parts, intake, metrics }, watch);
    } finally {
      await world.stop();
    }
  } finally {
    await intake.stop(graceMs);
  }
  return { taken, ledger: parts.store.reports.ledger() };
}

type OpenParts = ServingParts & { readonly intake: Doors; readonly metrics: Metrics };

async function serveIn(world: World, parts: OpenParts, watch: ServeWatch): Promise<void> {
  const { store, config, metrics } = parts;
  const { remark, signal } = watch;
  const waiting = store.delivery.waitingCount();
  let running: StandingDelivery | null = null;
  const readiness = createReadiness({
    folder: store.folder,
    leastFreeBytes: config.inbound.limits.freeDiskBytes,
    engineRuns: () => running?.running === true,
  });
  const delivery = startStandingDelivery(world, parts, {
    ...watch,
    committed: (batch) => countSettled(metrics, batch),
    held: ({ because }) => metrics.count('todoku_holds_total', { because }),
    trouble(error) {
      readiness.trouble(error);
      if (error !== null) metrics.count('todoku_store_trouble_total', {});
    },
  });
  running = delivery;
  // A fault while the doors open is met below.
  delivery.end.catch(() => undefined);
  showGauges(parts, readiness, delivery);
  const control = await openCommands(parts, delivery, watch);
  const doors: readonly Door[] = [];
  watch.started({ ...placesOf(parts), waiting });
  const reports = startDailyReports(world, parts, (error) =>
    remark(reportTroubleText(error instanceof AppError ? error.text : null, error)),
  );
  try {
    // A fault of the engine ends everything: whoever supervises the process starts it again.
    await Promise.race([delivery.end, aborted(signal)]);
  } finally {
    readiness.end();
    // The doors close while delivery waits for its last answers, not after it: who stops a service kills it soon after.
    await Promise.all([
      ...doors.map((door) => door.stop(graceMs)),
      parts.intake.stop(graceMs),
      reports.stop(graceMs),
      delivery.end,
    ]);
    await control?.stop();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Where other commands on this machine ask for what they would do themselves; without it they are refused. */
async function openCommands(
  parts: OpenParts,
  delivery: StandingDelivery,
  { remark }: ServeWatch,
): Promise<Control | null> {
  const { store, version, metrics } = parts;
  const onAccepted = (count: number): void =>
    metrics.count('todoku_messages_accepted_total', { via: 'campaign' }, count);
  const control = await openControl({
    folder: store.folder,
    version,
    actions: { ...storeControlActions(parts), ...campaignActions({ ...parts, delivery, onAccepted }) },
    onTrouble: (error) => remark(controlTroubleText(error)),
  });
  if (control === null) remark(noControlText);
  return control;
}

function showGauges({ metrics, store }: OpenParts, readiness: Readiness, delivery: StandingDelivery): void {
  metrics.gauge('todoku_messages_waiting', () => store.delivery.waitingCount());
  metrics.gauge('todoku_engine_running', () => (delivery.running ? 1 : 0));
  metrics.gauge('todoku_ready', () => (readiness.ready() ? 1 : 0));
  metrics.gauge('todoku_disk_free_bytes', () => freeBytesOf(store.folder));
}

function placesOf({ config, intake }: OpenParts): Parameters<ServeWatch['started']>[0] {
  return {
    smtp: intake.smtp,
    returnPaths: config.domains.map(({ returnPath }) => returnPath),
    maildirs: config.inbound.maildirs,
    imap: config.inbound.imap.map(({ user, host, folder }) => `${user}@${host}/${folder}`),
    waiting: 0,
  };
}
