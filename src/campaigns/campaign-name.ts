import { sortableName } from '../base/index.ts';

/** A public name such as `c-01jd3q9k2v-7xw4m`: ten characters of time (sortable), five of chance against collisions. */
export function newCampaignName(nowMs: number, random: () => number): string {
  return `c-${sortableName({ nowMs, random, chanceLetters: 5 })}`;
}
