import type { Clock, Timer } from '../base/index.ts';

/** Memory for mails that are coming in, given out so that what is promised is there. */
export type MailRoom = {
  /** Resolves to false when there was no room for `waitMs`. In the order of asking. */
  take(octets: number, waitMs: number): Promise<boolean>;
  give(octets: number): void;
};

type Waiter = { readonly octets: number; readonly settle: (got: boolean) => void; timer: Timer | null };

/**
 * Whoever gets room gets all that his mail can need, so that no two wait for each other. Beyond `mostOctets` mails wait on
 * their connections, which TCP holds back.
 */
export function createMailRoom(clock: Pick<Clock, 'after'>, mostOctets: number): MailRoom {
  let left = mostOctets;
  const waiting = new Set<Waiter>();
  const serve = (): void => {
    for (const waiter of waiting) {
      if (waiter.octets > left) return;
      left -= waiter.octets;
      waiting.delete(waiter);
      waiter.timer?.cancel();
      waiter.settle(true);
    }
  };
  return {
    async take(octets, waitMs) {
      if (octets > mostOctets) return false;
      return await new Promise<boolean>((settle) => {
        const waiter: Waiter = { octets, settle, timer: null };
        waiting.add(waiter);
        serve();
        if (!waiting.has(waiter)) return;
        waiter.timer = clock.after(waitMs, () => {
          waiting.delete(waiter);
          settle(false);
          // Somebody smaller may have stood behind it.
          serve();
        });
      });
    },
    give(octets) {
      left += octets;
      serve();
    },
  };
}
