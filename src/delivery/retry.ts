/** How often and how long a message is tried again. Times in milliseconds. */
export type RetryPolicy = {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Outcomes of kind `unknown` after which trying ends: each of them may have put a copy into the mailbox. */
  readonly unknownMax: number;
};

// Steps over `firstMs` (15 s by default): 15 s, 45 s, 2 min, 5 min, 10 min, 20 min, 40 min, then doubling to `longestMs`.
// The short first steps are for greylisting that lets a second try through at once and for passing faults;
// RFC 5321 §4.5.4.1 asks for at least 30 min between tries later on, which the doubling reaches after seven.
const steps = [1, 3, 8, 20, 40, 80, 160];

/** Delay before the try after `attempts` tries (≥ 1). `random` in [0, 1) spreads it by ±10 % so that retries do not come in waves. */
export function retryDelayMs(policy: RetryPolicy, attempts: number, random: number): number {
  const lastStep = steps[steps.length - 1] ?? 1;
  const beyond = attempts - steps.length;
  const factor = steps[attempts - 1] ?? lastStep * 2 ** Math.min(beyond, 30);
  const delayMs = Math.min(policy.firstMs * factor, policy.longestMs);
  return Math.round(delayMs * (0.9 + 0.2 * random));
}

/** No wait between two tries is longer than this. */
export function longestRetryMs(policy: RetryPolicy): number {
  return Math.max(policy.firstMs, policy.longestMs) * 1.1;
}
