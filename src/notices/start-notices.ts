import type { Bilingual, Clock, Timer } from '../base/index.ts';
import { newMailId } from '../outbox/index.ts';
import type { BodyPlace, Outbox } from '../outbox/index.ts';
import { noticeMail } from './notice-mail.ts';
import type { DueNotice, NoticeStore } from './ports.ts';

export type NoticeParts = {
  readonly store: NoticeStore;
  readonly outbox: Pick<Outbox, 'accept'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly hostname: string;
  /** A message that waits so long is told of. */
  readonly delayMs: number;
  readonly lifetimeMs: number;
  readonly readBody: (place: BodyPlace) => Buffer | null;
  readonly explain: (notice: DueNotice) => Bilingual;
  /** Notices could not be sent now; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
};

export type Notices = {
  /** Ends after what is under way; may be called again. */
  stop(): Promise<void>;
};

// Who sent a mail by hand learns of a wrong address while he still thinks of it; looking costs 0.1 ms.
const everyMs = 5_000;
// One round; composing one costs 0.2 ms.
const atOnce = 100;

/** Tells submitters of failures, delays and, where asked, deliveries, for as long as it runs. */
export function startNotices(parts: NoticeParts): Notices {
  const { clock, onTrouble } = parts;
  let timer: Timer | null = null;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;
  const round = async (): Promise<void> => {
    try {
      await tellSubmitters(parts);
    } catch (error) {
      // A full disk, say: what is to be told stays written down.
      onTrouble(error);
    }
    if (!isStopped) timer = clock.after(everyMs, start);
  };
  const start = (): void => {
    running = round();
  };
  start();
  return {
    async stop() {
      isStopped = true;
      timer?.cancel();
      await running;
    },
  };
}

/** One round: finds what is to be told and tells it. Resolves to how many notices were accepted. */
export async function tellSubmitters(parts: NoticeParts): Promise<number> {
  const { store, outbox, clock, random, hostname, lifetimeMs, readBody, explain, delayMs } = parts;
  // Other work goes on between two looks.
  while (!store.find(clock.now() - delayMs)) await new Promise((resolve) => setImmediate(resolve));
  let accepted = 0;
  for (const notice of store.due(atOnce)) {
    const nowMs = clock.now();
    const isStale = notice.kind === 'delayed' && notice.isSettled;
    const making = { hostname, nowMs, id: newMailId(nowMs, random), lifetimeMs, readBody, explain };
    const mail = isStale ? null : noticeMail(notice, making);
    if (mail !== null) {
      const answer = await outbox.accept(mail);
      // No room, or the process is ending: it stays written down.
      if (answer.kind === 'disk-full' || answer.kind === 'stopping') return accepted;
      accepted += 1;
    }
    store.told(notice, nowMs);
  }
  return accepted;
}
