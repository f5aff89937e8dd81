import type { Clock } from '../base/index.ts';

/** Waits for a check, but no longer than `limitMs`: null then, which is a finding of its own. The signal then stops the work. */
export async function withinTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { clock, limitMs }: { readonly clock: Clock; readonly limitMs: number },
): Promise<T | null> {
  const ending = new AbortController();
  const late = Promise.withResolvers<null>();
  const timer = clock.after(limitMs, () => {
    ending.abort();
    late.resolve(null);
  });
  try {
    return await Promise.race([work(ending.signal), late.promise]);
  } finally {
    timer.cancel();
  }
}
