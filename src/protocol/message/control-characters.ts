// C0, DEL, C1 (which holds NEL) and the two Unicode line separators: some consumers take any of them for a line end.
// oxlint-disable-next-line no-control-regex -- finding them is the point
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
// oxlint-disable-next-line no-control-regex
const otherControls = /[\u0000-\u001f\u007f-\u009f]/g;

/** Where the first control character (CR, LF, NUL, TAB, …) of a text is and which, null when there is none. */
export function findControl(text: string): { readonly index: number; readonly name: string } | null {
  const index = text.search(control);
  if (index < 0) return null;
  return { index, name: controlName(text.charCodeAt(index)) };
}

function controlName(code: number): string {
  if (code === 0x0d) return 'CR';
  if (code === 0x0a) return 'LF';
  if (code === 0x00) return 'NUL';
  if (code === 0x09) return 'TAB';
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * The same text as one line: runs of line breaks and tabs become one space, other control characters go, lone
 * surrogates become U+FFFD. What a header field can carry.
 */
export function oneLine(text: string): string {
  const wellFormed = text.toWellFormed();
  if (!control.test(wellFormed)) return wellFormed;
  return wellFormed.replace(lineBreaks, ' ').replace(otherControls, '');
}
