// Blank to the eye: white space, soft hyphen, Hangul fillers, zero-width, bidirectional controls, BOM. All in the BMP.
const blank =
  /[\s\u00AD\u115F\u1160\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\u3164\uFEFF\uFFA0]/u;
const separator = /[,;、。｡]/u;

/**
 * Without what is blank at either end. By hand, since a regular expression for the far end tries every run of blanks
 * inside: quadratic, a second for a cell of 64 Ki spaces.
 */
export function trimBlank(text: string): string {
  let start = 0;
  while (start < text.length && blank.test(text.charAt(start))) start += 1;
  return trimEnd(text.slice(start), (character) => blank.test(character));
}

/** Without blanks and the separators that stay behind when an address is cut out of a list or a sentence. */
export function trimSeparators(text: string): string {
  return trimEnd(text, (character) => blank.test(character) || separator.test(character));
}

function trimEnd(text: string, drops: (character: string) => boolean): string {
  let end = text.length;
  while (end > 0 && drops(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** The first character that nobody can see and that is no white space, or null. */
export function firstInvisible(text: string): string | null {
  for (const character of text) {
    if (blank.test(character) && !/\s/u.test(character)) return character;
  }
  return null;
}
