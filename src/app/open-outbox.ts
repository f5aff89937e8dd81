import { createFreeRoom } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { createOutbox, startHousekeeping } from '../outbox/index.ts';
import type { Housekeeping, Outbox, StoredMessage } from '../outbox/index.ts';
import type { Store } from '../storage/sqlite/index.ts';

export type OutboxDoorParts = {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  /** They are durable: to the engine with them. */
  readonly arrived: (messages: readonly StoredMessage[]) => void;
  /** Bodies that are kept no longer could not be removed; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
};

/** The outbox of a process that works, with its files open. */
export type WorkingOutbox = {
  readonly outbox: Outbox;
  readonly housekeeping: Housekeeping;
  /** Accepts nothing more, answers what is under way, closes the files. After the doors, before the store. */
  stop(): Promise<void>;
};

const dayMs = 24 * 60 * 60 * 1000;

/** Opens the files of stored mail for writing, and what keeps them from growing for ever. */
export async function openOutbox(parts: OutboxDoorParts): Promise<WorkingOutbox> {
  const { config, store, clock, random, arrived, onTrouble } = parts;
  const log = await store.bodies.openLog();
  const { freeDiskBytes: leastBytes, retentionDays } = config.outbox;
  const outbox = createOutbox({
    store: store.outbox,
    bodies: log,
    random,
    hasRoom: createFreeRoom({ folder: store.folder, leastBytes, clock }),
    arrived,
  });
  const housekeeping = startHousekeeping({
    store: store.keeping,
    segments: log,
    read: (place) => store.bodies.read(place),
    clock,
    retentionMs: retentionDays * dayMs,
    onTrouble,
  });
  return {
    outbox,
    housekeeping,
    async stop() {
      await Promise.all([outbox.stop(), housekeeping.stop()]);
      await log.close();
    },
  };
}
