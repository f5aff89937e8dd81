import { randomInt } from 'node:crypto';

const steps = 2 ** 32;

/** [0, 1), from the system: the randomness that is passed to whoever needs some. */
export function systemRandom(): number {
  return randomInt(steps) / steps;
}
