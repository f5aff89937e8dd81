import type { Happening } from './provider/happening.ts';

export type Happenings = {
  report(happening: Happening): void;
  listen(listener: (happening: Happening) => void): () => void;
  /** Resolves with the first happening from now on that fits. */
  waitFor(fits: (happening: Happening) => boolean): Promise<Happening>;
  /** Nothing happens any more: whoever still waits is told. */
  end(): void;
};

type Waiter = {
  readonly fits: (happening: Happening) => boolean;
  readonly resolve: (happening: Happening) => void;
  readonly reject: (error: Error) => void;
};

export function createHappenings(): Happenings {
  const listeners = new Set<(happening: Happening) => void>();
  const waiters = new Set<Waiter>();
  return {
    report(happening) {
      for (const listener of listeners) listener(happening);
      for (const waiter of waiters) {
        if (!waiter.fits(happening)) continue;
        waiters.delete(waiter);
        waiter.resolve(happening);
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    waitFor(fits) {
      return new Promise((resolve, reject) => void waiters.add({ fits, resolve, reject }));
    },
    end() {
      for (const waiter of waiters) waiter.reject(new Error('the simulator stopped before it happened'));
      waiters.clear();
    },
  };
}
