import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { StorageFull } from '../base/index.ts';
import type { Timer } from '../base/index.ts';
import { checkMaildir, takeNewMail } from './maildir.ts';
import type { MailboxParts } from './maildir.ts';

/** A mailbox that is read until `stop`. */
export type Watching = {
  /** Ends after the mails in hand. */
  stop(): Promise<void>;
};

export type MailboxWatch = Omit<MailboxParts, 'signal'> & {
  /** A round that could not be finished, and is tried again. */
  readonly onTrouble: (error: unknown) => void;
};

// The system's notice usually comes at once; over NFS there is none, and a notice may be lost.
const lookEveryMs = 60_000;
// A disk that is full is not empty a second later.
const afterTroubleMs = 30_000;
// Names of mails that were passed over, 1 MB of them.
const mostTold = 10_000;

/** Reads a Maildir's new/ now and whenever something comes. Rejects with an `AppError` when it is no Maildir. */
export async function watchMaildir(folder: string, parts: MailboxWatch): Promise<Watching> {
  await checkMaildir(folder);
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: Timer | null = null;
  let wanted = false;
  let round: Promise<void> | null = null;
  const look = (): void => {
    wanted = true;
    if (signal.aborted || round !== null) return;
    timer?.cancel();
    round = rounds();
  };
  const told = new Set<string>();
  const onSkipped: MailboxWatch['onSkipped'] = (mail, why) => {
    // It lies there at each look; one line about it is enough.
    if (told.has(mail)) return;
    if (told.size >= mostTold) told.clear();
    told.add(mail);
    parts.onSkipped(mail, why);
  };
  const rounds = async (): Promise<void> => {
    let waitMs = lookEveryMs;
    while (wanted && !signal.aborted) {
      wanted = false;
      try {
        await takeNewMail(folder, { ...parts, signal, onSkipped });
      } catch (error) {
        parts.onTrouble(error);
        // Fullness passes by itself, and so may anything else of a file system; each time it is said.
        waitMs = error instanceof StorageFull ? afterTroubleMs : lookEveryMs;
      }
    }
    // In one turn with the last look at `wanted`: a notice in between would be lost.
    round = null;
    if (!signal.aborted) timer = parts.clock.after(waitMs, look);
  };
  const notices = noticesOf(folder, look);
  look();
  return {
    async stop() {
      stopping.abort();
      notices?.close();
      timer?.cancel();
      await round;
    },
  };
}

/** null where the system gives no notice (inotify's watches used up, a file system without): looking has to do. */
function noticesOf(folder: string, look: () => void): FSWatcher | null {
  try {
    const watcher = watch(join(folder, 'new'), { persistent: false }, look);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
