import type { Bilingual, Clock } from '../base/index.ts';
import type { PathHold } from '../delivery/index.ts';
import { holdText } from './remarks.ts';

// With thousands of small domains hundreds are out of reach at any time: a screen of remarks hides what matters.
const mostPerReason = 5;

// Who reads the log of a service looks at an hour of it.
const forgottenAfterMs = 60 * 60_000;

/** Tells of holds as they come: once an hour per site and reason, and of each reason only the first few. */
export function createHoldRemarks(
  remark: (text: Bilingual) => void,
  clock: Pick<Clock, 'monotonic'>,
): (hold: PathHold) => void {
  const told = new Map<string, Set<string>>();
  let sinceMs = clock.monotonic();
  return (hold) => {
    // Told with the reaction that made it.
    if (hold.because === 'suspended') return;
    if (clock.monotonic() - sinceMs >= forgottenAfterMs) {
      told.clear();
      sinceMs = clock.monotonic();
    }
    const sites = told.get(hold.because) ?? new Set();
    told.set(hold.because, sites);
    if (sites.has(hold.site) || sites.size > mostPerReason) return;
    sites.add(hold.site);
    remark(sites.size > mostPerReason ? manyMore : holdText(hold));
  };
}

const manyMore: Bilingual = {
  ja: '同じ理由で休んでいる宛先がほかにもあります（個々の状況は todoku why で分かります）',
  en: 'more destinations rest for the same reason; `todoku why` tells of each mail',
};
