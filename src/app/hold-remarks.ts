import type { Bilingual, Clock } from '../base/index.ts';
import type { Flow, PathHold } from '../delivery/index.ts';
import { holdText, windowText } from './remarks.ts';

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

// Time zones of a world-wide list; each opens at an hour of its own.
const mostWindows = 5;

/** Tells that mails wait for the hours in which they may go, for the first few windows. */
export function createWindowRemarks(
  remark: (text: Bilingual) => void,
): (flow: Pick<Flow, 'window'>, opensMs: number) => void {
  const told = new Set<string>();
  return ({ window }, opensMs) => {
    if (told.has(window) || told.size > mostWindows) return;
    told.add(window);
    remark(told.size > mostWindows ? manyWindows : windowText(window, opensMs));
  };
}

const manyWindows: Bilingual = {
  ja: 'ほかの時間帯を待っている宛先もあります',
  en: 'more recipients wait for windows of their own',
};

const manyMore: Bilingual = {
  ja: '同じ理由で休んでいる宛先がほかにもあります（個々の状況は todoku why で分かります）',
  en: 'more destinations rest for the same reason; `todoku why` tells of each mail',
};
