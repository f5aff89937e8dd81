// Crockford's base 32 without i, l, o, u: nothing in a name can be misread on the telephone.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A public name such as `c-01jd3q9k2v-7xw4m`: ten characters of time (sortable), five of chance against collisions. */
export function newCampaignName(nowMs: number, random: () => number): string {
  let time = '';
  for (let rest = nowMs, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = letter(rest % 32) + time;
  const chance = Array.from({ length: 5 }, () => letter(Math.floor(random() * 32))).join('');
  return `c-${time}-${chance}`;
}

function letter(index: number): string {
  return alphabet.charAt(index);
}
