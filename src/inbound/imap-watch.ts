import { AppError, StorageFull } from '../base/index.ts';
import type { ImapAccess, ImapSession } from './imap-mailbox.ts';
import { openImap } from './imap-mailbox.ts';
import type { MailboxWatch, Watching } from './maildir-watch.ts';

// IDLE tells at once; a server without it, or one whose notice was lost, is asked this often.
const lookEveryMs = 2 * 60_000;
const firstPauseMs = 1_000;
const longestPauseMs = 5 * 60_000;

/** Reads a mailbox until stopped, connecting anew as often as it takes; each trouble is told once in a row. */
export function watchImap(access: ImapAccess, parts: MailboxWatch): Watching {
  const stopping = Promise.withResolvers<void>();
  const stop = new AbortController();
  const { signal } = stop;
  let lastTrouble = '';
  const pause = async (ms: number, news?: Promise<void>): Promise<void> => {
    const over = Promise.withResolvers<void>();
    const timer = parts.clock.after(ms, over.resolve);
    await Promise.race([over.promise, stopping.promise, ...(news === undefined ? [] : [news])]);
    timer.cancel();
  };
  const read = async (session: ImapSession): Promise<void> => {
    while (!signal.aborted) {
      await session.takeAll();
      lastTrouble = '';
      await pause(lookEveryMs, session.changed());
    }
  };
  const run = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted;) {
      const before = lastTrouble;
      try {
        const session = await openImap(access, { ...parts, signal });
        try {
          await read(session);
        } finally {
          await session.close();
        }
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (text !== before) parts.onTrouble(error);
        lastTrouble = text;
        failures = before === '' ? 0 : failures + 1;
        await pause(pauseMs(error, failures));
      }
    }
  };
  const running = run();
  return {
    async stop() {
      stop.abort();
      stopping.resolve();
      await running;
    },
  };
}

/** A wrong password stays wrong: asking often would lock the account. */
function pauseMs(error: unknown, failures: number): number {
  if (error instanceof AppError && error.code === 'imap-login-refused') return longestPauseMs;
  if (error instanceof StorageFull) return 30_000;
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 20));
}
