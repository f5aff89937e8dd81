import { once } from 'node:events';
import { AppError } from '../base/index.ts';
import type { ServeResult, ServeWatch } from '../cli/index.ts';
import type { Disposition } from '../inbound/index.ts';
import { deliverIn } from './delivery-run.ts';
import type { RunParts } from './delivery-run.ts';
import { openDiagnosis } from './diagnosis.ts';
import { openDoors } from './inbound-doors.ts';
import type { Doors } from './inbound-doors.ts';
import { openWorld } from './rehearsal.ts';
import type { World } from './rehearsal.ts';
import { watchListings } from './listing-watch.ts';
import type { ListingWatch } from './listing-watch.ts';
import {
  keptFullText,
  listingText,
  listingTroubleText,
  noIntakeText,
  reportTroubleText,
  skippedText,
  takingTroubleText,
  unaskedListsText,
} from './remarks.ts';
import { createReturnedMail } from './returned-mail.ts';
import { startDailyReports } from './tls-reports.ts';
import type { DailyReports } from './tls-reports.ts';

// As long as delivery waits for replies that are due (delivery-run.ts); a client in the middle of a mail comes again.
const graceMs = 10_000;
// A stranger who is turned away a thousand times a second is not worth a line each.
const troubleEveryMs = 10_000;
// It lasts until somebody clears up, who looks at a log in his own time.
const fullEveryMs = 60 * 60_000;

/**
 * Everything in one process: takes returned mail and delivers open campaigns, until the signal aborts. Nothing is left
 * half-done: doors close, mails and attempts under way end, everything known is written down.
 */
export async function serve(parts: RunParts, watch: ServeWatch): Promise<ServeResult> {
  const taken: Record<Disposition | 'refused', number> = {
    news: 0,
    unsubscribe: 0,
    report: 0,
    kept: 0,
    ignored: 0,
    refused: 0,
  };
  const doors = await open(parts, watch, (what) => (taken[what] += 1));
  let world: World | null = null;
  let reports: DailyReports | null = null;
  let listings: ListingWatch | null = null;
  try {
    world = await openWorld(parts.config, parts.store.folder, doors.smtp);
    const waiting = parts.store.delivery.waitingCount();
    watch.started({ ...placesOf(parts, doors), waiting });
    reports = startDailyReports(world, parts, (error) =>
      watch.remark(reportTroubleText(error instanceof AppError ? error.text : null, error)),
    );
    listings = watchOwnListings(world, parts, watch);
    const delivered = waiting > 0 ? deliverIn(world, parts, watch) : null;
    await Promise.all([delivered, stopAtSignal(doors, watch.signal)]);
  } finally {
    await Promise.all([doors.stop(graceMs), reports?.stop(graceMs), listings?.stop()]);
    await world?.stop();
  }
  return { taken, ledger: parts.store.reports.ledger() };
}

function watchOwnListings(world: World, parts: RunParts, watch: ServeWatch): ListingWatch {
  const { config, store, clock, random } = parts;
  return watchListings(
    { config, store: store.listings, clock, random, dnsServers: world.dnsServers },
    {
      onChange: (event, list) => {
        // Lists of whole networks change by the day, and few refuse by them: the history has it.
        if (list.weight !== 'note') watch.remark(listingText(event, list));
      },
      onUnasked: (lists) => watch.remark(unaskedListsText(lists)),
      onTrouble: (error) =>
        watch.remark(listingTroubleText(error instanceof AppError ? error.text : null, error)),
    },
  );
}

/** The doors close while delivery waits for its last answers, not after it: who stops a service kills it soon after. */
async function stopAtSignal(doors: Doors, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  await doors.stop(graceMs);
}

async function open(
  parts: RunParts,
  watch: ServeWatch,
  count: (what: Disposition | 'refused') => void,
): Promise<Doors> {
  const { config, store, knowledge, clock } = parts;
  const { listen, maildirs, imap } = config.inbound;
  if (listen === null && maildirs.length === 0 && imap.length === 0) watch.remark(noIntakeText);
  let lastTroubleMs = Number.NEGATIVE_INFINITY;
  const onTrouble = (error: unknown): void => {
    const nowMs = clock.monotonic();
    if (nowMs - lastTroubleMs < troubleEveryMs) return;
    lastTroubleMs = nowMs;
    watch.remark(takingTroubleText(error instanceof AppError ? error.text : null, error));
  };
  let lastFullMs = Number.NEGATIVE_INFINITY;
  const onFull = (folder: string): void => {
    const nowMs = clock.monotonic();
    if (nowMs - lastFullMs < fullEveryMs) return;
    lastFullMs = nowMs;
    watch.remark(keptFullText(folder));
  };
  return await openDoors({
    config,
    dataFolder: store.folder,
    intake: createReturnedMail({ config, store, knowledge, clock, onFull }),
    clock,
    diagnosis: openDiagnosis({ config, knowledge, clock }, store.folder),
    onTaken: count,
    onRefused: () => count('refused'),
    onTrouble,
    onSkipped: (mail, why) => watch.remark(skippedText(mail, why)),
  });
}

function placesOf({ config }: RunParts, { smtp }: Doors): Parameters<ServeWatch['started']>[0] {
  return {
    smtp,
    returnPaths: config.domains.map(({ returnPath }) => returnPath),
    maildirs: config.inbound.maildirs,
    imap: config.inbound.imap.map(({ user, host, folder }) => `${user}@${host}/${folder}`),
    waiting: 0,
  };
}
