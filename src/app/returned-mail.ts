import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AppError } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import { createBounceReader } from '../bounces/index.ts';
import type { Config } from '../config/index.ts';
import {
  createDestinations,
  createFreeRoom,
  createIntake,
  createIntakeBatch,
  createKeptMail,
  createMatching,
  createReportBudget,
} from '../inbound/index.ts';
import type { Destination, IntakeBatch, ReportTaker, UnsubscribeStore } from '../inbound/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import { readReport } from '../reports/index.ts';
import type { Store } from '../storage/sqlite/index.ts';

export type ReturnedMailParts = {
  readonly config: Config;
  readonly store: Store;
  readonly knowledge: Knowledge;
  readonly clock: Clock;
  /** Mail for people found no room. */
  readonly onFull: (folder: string) => void;
};

/** What every door for returned mail shares. */
export type ReturnedMailIntake = {
  readonly destination: (address: string) => Destination;
  readonly batch: IntakeBatch;
};

// What people have to look at: a few a day. The bounds are against floods, not against use.
const mostKeptMails = 10_000;
const mostKeptBytes = 500_000_000;

/** Puts destination, reader, matching and stores together as the configuration has it. */
export function createReturnedMail(parts: ReturnedMailParts): ReturnedMailIntake {
  const { config, store, clock } = parts;
  const keys = sealKeys(config, store.secret);
  const destination = liveDestinations(config, keys);
  const folder = join(store.folder, 'kept-mail');
  const intake = createIntake({
    reader: createBounceReader(parts.knowledge),
    destination,
    match: createMatching({
      messages: store.sent,
      keys,
      destination,
      staleAfterMs: config.inbound.staleAfterMs,
    }),
    messages: store.sent,
    store: store.returned,
    unsubscribes: unsubscribesInto(store),
    reports: reportsInto(store, clock),
    reportBudget: createReportBudget(clock),
    room: createFreeRoom({ folder: store.folder, leastBytes: config.inbound.limits.freeDiskBytes, clock }),
    kept: createKeptMail({
      folder,
      mostMails: mostKeptMails,
      mostBytes: mostKeptBytes,
      clock,
      onFull: () => parts.onFull(folder),
    }),
  });
  return { destination, batch: createIntakeBatch(intake, clock) };
}

/** Domains come and go while it listens (`liveConfig`): what they are is looked at for each address. */
function liveDestinations(config: Config, keys: readonly KeyObject[]): (address: string) => Destination {
  let known: string | null = null;
  let read: (address: string) => Destination = () => ({ kind: 'unknown', reason: 'other-domain' });
  return (address) => {
    const { domains } = config;
    const names = domains.map(({ name, returnPath }) => `${name} ${returnPath}`).join('\n');
    if (names !== known) {
      known = names;
      read = createDestinations({
        returnPathDomains: domains.map(({ returnPath }) => returnPath),
        domains: domains.map(({ name }) => name),
        diagnosisDomain: config.inbound.diagnosis.domain,
        keys,
      });
    }
    return read(address);
  };
}

/** The data folder's key and the older ones that are honoured still. */
export function sealKeys(config: Config, secret: Buffer): readonly KeyObject[] {
  return [secret, ...config.inbound.olderKeys.map(readKey)].map((key) => createSecretKey(key));
}

// As long as `secret.key` is (src/storage/sqlite/secret-key.ts).
const keyBytes = 32;

function readKey(file: string): Buffer {
  const unusable = (cause?: unknown): AppError =>
    new AppError({
      code: 'inbound-older-key-unusable',
      message: {
        ja: `inbound.olderKeys の ${file} は読めないか、secret.key ではありません`,
        en: `${file} (inbound.olderKeys) cannot be read or is no secret.key`,
      },
      hint: {
        ja: `以前のデータフォルダーの secret.key（${keyBytes} バイト）を指定してください`,
        en: `name the secret.key (${keyBytes} bytes) of a former data folder`,
      },
      cause,
    });
  let key: Buffer;
  try {
    key = readFileSync(file);
  } catch (error) {
    throw unusable(error);
  }
  if (key.length !== keyBytes) throw unusable();
  return key;
}

function unsubscribesInto(store: Store): UnsubscribeStore {
  return {
    unsubscribe(batch) {
      store.suppressions.add(
        batch.map(({ address, messageId, atMs, via }) => ({
          address,
          reason: 'unsubscribed' as const,
          source: `message:${messageId}`,
          atMs,
          note: `mailto (${via})`,
        })),
      );
    },
  };
}

function reportsInto(store: Store, clock: Clock): ReportTaker {
  return {
    take(mail) {
      const reading = readReport(mail);
      if (!reading.ok) return false;
      const { stored, duplicates } = store.mailReports.take(reading.reports, clock.now());
      return stored + duplicates > 0;
    },
  };
}
