import type { Clock } from '../base/index.ts';

/** A clock whose timers hand what they throw to `onFault`: in a bare timer it would end the process without a word. */
export function guardedClock(clock: Clock, onFault: (error: unknown) => void): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (delayMs, action) =>
      clock.after(delayMs, () => {
        try {
          action();
        } catch (error) {
          onFault(error);
        }
      }),
  };
}
