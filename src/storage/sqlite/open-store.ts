import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/index.ts';
import { defaultSuppressionPolicy } from '../../contacts/index.ts';
import type { SuppressionPolicy } from '../../contacts/index.ts';
import { openForReading, openForWork } from './database.ts';
import { databaseFile, hasDatabase, makeDatabaseFile, makeFolder, undoList } from './folder.ts';
import type { Undo } from './folder.ts';
import { migrate, olderSchema, schemaAge } from './migrate.ts';
import type { SchemaTarget } from './migrate.ts';
import { migrations as releasedMigrations } from './migrations/index.ts';
import type { Migration } from './migrations/index.ts';
import { missingSecret, readSecret, syncFolder, writeSecret } from './secret-key.ts';
import { storageError, storageMissing } from './storage-errors.ts';
import { assembleStore } from './store.ts';
import type { Store } from './store.ts';
import { isHeld, takeWorkLock } from './work-lock.ts';

export type StoreOptions = {
  /** The data folder (`--data`). */
  readonly folder: string;
  readonly clock: Clock;
  /** `work`: the one process that may write, guarded by a lock. `read`: beside it, or alone. Default `work`. */
  readonly mode?: 'read' | 'work';
  /** Whether to make a data folder where there is none; only with `work`. Default false. */
  readonly create?: boolean;
  /** The command that opens it, told to whoever finds the folder taken. Default `todoku`. */
  readonly command?: string;
  /** What suppresses an address by itself; only with `work`. Default `defaultSuppressionPolicy`. */
  readonly policy?: SuppressionPolicy;
  /** Version of this Todoku, told to an older one that meets a newer schema. Default `unknown`. */
  readonly version?: string;
  /** Bytes for a new `secret.key`; default `randomBytes` of node:crypto. */
  readonly random?: (bytes: number) => Buffer;
  /** Only for tests of migrating. */
  readonly migrations?: readonly Migration[];
};

/** Opens the data folder; whatever stands in the way is an `AppError` of one line, and nothing half-done stays behind. */
export function openStore(options: StoreOptions): Store {
  const folder = resolve(options.folder);
  const undo = undoList();
  try {
    return options.mode === 'read' ? openReader(folder, options) : openWorker(folder, options, undo);
  } catch (error) {
    undo.run();
    throw storageError(error, options.folder);
  }
}

function openReader(folder: string, options: StoreOptions): Store {
  if (!hasDatabase(folder)) throw storageMissing(options.folder);
  const db = openForReading(databaseFile(folder), () => isHeld(folder));
  try {
    if (schemaAge(db, schemaTarget(options)) === 'older') throw olderSchema(options.folder);
    const secret = readSecret(folder);
    if (secret === null) throw missingSecret(options.folder);
    const isWorking = (): boolean => isHeld(folder);
    return assembleStore({
      db,
      folder,
      secret,
      clock: options.clock,
      policy: policyOf(options),
      isWriter: false,
      isWorking,
      close: () => db.close(),
    });
  } catch (error) {
    db.close();
    throw error;
  }
}

function openWorker(folder: string, options: StoreOptions, undo: Undo): Store {
  if (!hasDatabase(folder) && options.create !== true) throw storageMissing(options.folder);
  makeFolder(folder, undo);
  const lock = takeWorkLock({ folder, clock: options.clock, command: options.command ?? 'todoku' });
  undo.add(() => lock.remove());
  // Asked again under the lock: another process may just have made it.
  const isNew = !hasDatabase(folder);
  const secret = secretOf(folder, options, isNew ? undo : null);
  if (isNew) makeDatabaseFile(folder, undo);
  const db = openForWork(databaseFile(folder));
  undo.add(() => db.close());
  migrate(db, schemaTarget(options));
  if (isNew) syncFolder(folder);
  const store = assembleStore({
    db,
    folder,
    secret,
    clock: options.clock,
    policy: policyOf(options),
    isWriter: true,
    isWorking: () => true,
    close() {
      try {
        db.close();
      } finally {
        lock.release();
      }
    },
  });
  clearRemnants(store, db);
  return store;
}

/** Reads the key, or makes it when the data folder is new (`undo` not null). */
function secretOf(folder: string, options: StoreOptions, undo: Undo | null): Buffer {
  const known = readSecret(folder);
  if (known !== null) return known;
  if (undo === null) throw missingSecret(options.folder);
  const secret = (options.random ?? randomBytes)(32);
  writeSecret(folder, secret);
  undo.add(() => rmSync(join(folder, 'secret.key'), { force: true }));
  return secret;
}

function policyOf(options: StoreOptions): SuppressionPolicy {
  return options.policy ?? defaultSuppressionPolicy;
}

function schemaTarget(options: StoreOptions): SchemaTarget {
  return {
    folder: options.folder,
    migrations: options.migrations ?? releasedMigrations,
    version: options.version ?? 'unknown',
    nowMs: options.clock.now(),
  };
}

/** What a process that was killed left: campaigns still being stored, and holds of an engine that is gone. */
function clearRemnants(store: Store, db: DatabaseSync): void {
  for (const campaign of store.campaigns.withState('preparing')) store.campaigns.discard(campaign.id);
  db.exec('DELETE FROM path_hold');
}
