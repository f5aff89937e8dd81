import { fingerprint } from '../fingerprint.ts';
import type { Behaviour } from './schema.ts';

/** Remembers how often and since when a recipient met a behaviour that lasts for a time only (greylisting). */
export type Tries = {
  /** Counts one meeting; false once the behaviour is over for this recipient. */
  meets(behaviour: Behaviour, recipient: string): boolean;
};

// A postgrey database of a busy site; beyond it the oldest are forgotten, as a real one does after days.
const rememberedTries = 1_000_000;

export function createTries(options: { readonly nowMs: () => number; readonly timeScale: number }): Tries {
  const seen = new Map<number, { count: number; readonly firstMs: number }>();
  return {
    meets(behaviour, recipient) {
      const { times, forSeconds } = behaviour;
      if (times === undefined && forSeconds === undefined) return true;
      const key = fingerprint(`${behaviour.id}\u0000${recipient}`);
      const met = seen.get(key) ?? { count: 0, firstMs: options.nowMs() };
      if (times !== undefined && met.count >= times) return false;
      if (
        forSeconds !== undefined &&
        options.nowMs() - met.firstMs >= (forSeconds * 1_000) / options.timeScale
      ) {
        return false;
      }
      met.count += 1;
      seen.set(key, met);
      if (seen.size > rememberedTries) seen.delete(seen.keys().next().value ?? key);
      return true;
    },
  };
}
