// Unicode Standard Annex #11 (East Asian Width): characters of class W and F take two columns of a terminal, all
// others one; class A (ambiguous) counts as narrow outside an East Asian legacy context (§5). Blocks from
// EastAsianWidth.txt, unassigned code points included as the file's header tells; emoji by their own property.
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

// Marks that are drawn onto the character before them, and characters that are not drawn.
const noWidth = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;

// The common case, decided without looking at each character.
const printableAscii = /^[ -~]*$/;

/** How many columns of a terminal the text takes. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): 0 | 1 | 2 {
  if (noWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** The text, cut with `…` where it would take more columns. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let cut = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    cut += character;
  }
  return columns < 1 ? '' : `${cut}…`;
}

/** The text with blanks around it up to so many columns. */
export function padToWidth(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, columns - displayWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}
