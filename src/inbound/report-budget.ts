import type { Clock } from '../base/index.ts';

// Measured: an ordinary report takes 1 to 20 ms, a gzip of 240 KB with 30,000 records 1.4 s, and while one is read nothing else
// happens. The reports of a day for fifty domains come in a burst of a few seconds; who sends more waits.
const mostCreditMs = 10_000;
const shareOfTime = 0.1;

/** How much time reports of strangers may take from everything else. */
export type ReportBudget = {
  /** false: spent; the sender has to come again. */
  hasCredit(): boolean;
  /** Does the work, and takes its time off the credit. */
  spend<T>(work: () => T): T;
};

export function createReportBudget(clock: Clock): ReportBudget {
  let creditMs = mostCreditMs;
  let atMs = clock.monotonic();
  const earn = (): void => {
    const nowMs = clock.monotonic();
    creditMs = Math.min(mostCreditMs, creditMs + (nowMs - atMs) * shareOfTime);
    atMs = nowMs;
  };
  return {
    hasCredit() {
      earn();
      return creditMs > 0;
    },
    spend(work) {
      earn();
      try {
        return work();
      } finally {
        creditMs -= clock.monotonic() - atMs;
        atMs = clock.monotonic();
      }
    },
  };
}
