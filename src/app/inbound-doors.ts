import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { ownCertificate, startListener, watchImap, watchMaildir } from '../inbound/index.ts';
import type { Diagnose, Disposition, Listener, MailboxWatch, TlsIdentity } from '../inbound/index.ts';
import { imapAccesses } from './imap-access.ts';
import type { ReturnedMailIntake } from './returned-mail.ts';

/** A part of a running Todoku. */
export type Service = {
  /** Ends what is under way within `graceMs`, then lets go of everything; may be called again. */
  stop(graceMs: number): Promise<void>;
};

/** The ways by which returned mail comes in, open. */
export type Doors = Service & {
  /** Where the SMTP listener listens; null: there is none. */
  readonly smtp: { readonly host: string; readonly port: number } | null;
};

export type DoorsParts = {
  readonly config: Config;
  readonly dataFolder: string;
  readonly intake: ReturnedMailIntake;
  readonly clock: Clock;
  /** Looks at mail to diagnosis addresses; null: there are none. */
  readonly diagnosis: (Service & { readonly diagnose: Diagnose }) | null;
  readonly onTaken: (disposition: Disposition) => void;
  readonly onRefused: () => void;
  readonly onTrouble: (error: unknown) => void;
  readonly onSkipped: (mail: string, why: 'too-large' | 'unreadable') => void;
};

// RFC 5321 §4.5.3.2.7: a server waits at least 5 minutes for the next command.
const idleMs = 5 * 60_000;
// 100 mails of 10 MB over a slow line take less.
const sessionMs = 60 * 60_000;

/** Opens all doors of the configuration, or none: what cannot be opened is an `AppError`. */
export async function openDoors(parts: DoorsParts): Promise<Doors> {
  const opened: Service[] = parts.diagnosis === null ? [] : [parts.diagnosis];
  let stopping: Promise<void> | null = null;
  const stopAll = async (graceMs: number): Promise<void> => {
    await Promise.all(opened.map((each) => each.stop(graceMs)));
    parts.intake.batch.flush();
  };
  const stop = (graceMs: number): Promise<void> => (stopping ??= stopAll(graceMs));
  try {
    const smtp = await openSmtp(parts);
    if (smtp !== null) opened.push({ stop: (graceMs) => smtp.close(graceMs) });
    for (const folder of parts.config.inbound.maildirs)
      opened.push(await watchMaildir(folder, watchParts(parts)));
    // Read before the first is opened: a missing password file stops the start, a server that is down does not.
    const mailboxes = imapAccesses(parts.config);
    for (const access of mailboxes) opened.push(watchImap(access, watchParts(parts)));
    return { smtp: smtp === null ? null : { host: smtp.host, port: smtp.port }, stop };
  } catch (error) {
    await stop(0);
    throw error;
  }
}

async function openSmtp(parts: DoorsParts): Promise<Listener | null> {
  const { config, intake, clock, onTaken, onRefused, onTrouble } = parts;
  const { listen, limits } = config.inbound;
  if (listen === null) return null;
  return await startListener({
    listen,
    hostname: config.delivery.hostname,
    tls: await tlsIdentity(parts),
    destination: intake.destination,
    batch: intake.batch,
    diagnose: parts.diagnosis?.diagnose ?? null,
    clock,
    limits: { ...limits, messageBytes: limits.messageSizeBytes, idleMs, sessionMs },
    onNews: (news) => (news.kind === 'taken' ? onTaken(news.disposition) : onRefused()),
    onTrouble,
  });
}

async function tlsIdentity({ config, dataFolder, clock }: DoorsParts): Promise<TlsIdentity> {
  const { certificate, key } = config.inbound.tls;
  if (certificate === null || key === null)
    return await ownCertificate(join(dataFolder, 'inbound-tls'), config.delivery.hostname, clock.now());
  return { cert: readPem('certificate', certificate), key: readPem('key', key) };
}

function readPem(name: 'certificate' | 'key', file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AppError({
      code: 'inbound-tls-unreadable',
      message: {
        ja: `inbound.tls.${name} の ${file} を読めません`,
        en: `inbound.tls.${name}: ${file} cannot be read`,
      },
      hint: {
        ja: 'パスと権限を確かめるか、両方の行を消して自己署名の証明書を使ってください',
        en: 'check path and permissions, or remove both lines to use a certificate of its own',
      },
      cause: error,
    });
  }
}

function watchParts(parts: DoorsParts): MailboxWatch {
  const { intake, config, clock, onTaken, onSkipped, onTrouble } = parts;
  const messageBytes = config.inbound.limits.messageSizeBytes;
  return { batch: intake.batch, clock, messageBytes, onTaken, onSkipped, onTrouble };
}
