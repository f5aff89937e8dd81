// Crockford's base 32 without i, l, o, u: nothing in a name can be misread on the telephone.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** What a public name is made of: when, by what chance ([0, 1)), and how many letters of chance against collisions. */
export type NameParts = {
  readonly nowMs: number;
  readonly random: () => number;
  readonly chanceLetters: number;
};

/** `01jd3q9k2v-7xw4m`: ten letters of time, so that names sort by it, and some of chance. */
export function sortableName({ nowMs, random, chanceLetters }: NameParts): string {
  let time = '';
  for (let rest = nowMs, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = letter(rest % 32) + time;
  const chance = Array.from({ length: chanceLetters }, () => letter(Math.floor(random() * 32))).join('');
  return `${time}-${chance}`;
}

function letter(index: number): string {
  return alphabet.charAt(index);
}
