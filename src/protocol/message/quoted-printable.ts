// RFC 2045 §6.7 (5): lines of at most 76 characters, the soft break's `=` among them.
const longestLineChars = 76;

const cr = 0x0d;
const lf = 0x0a;
const space = 0x20;
const equals = 0x3d;
const dot = 0x2e;
const hexDigits = Buffer.from('0123456789ABCDEF', 'latin1');

/** 1: may stand for itself anywhere in a line (RFC 2045 §6.7 (2)); dot and space are looked at apart. */
const plain = new Uint8Array(256);
for (let octet = 33; octet <= 126; octet += 1) plain[octet] = octet === equals || octet === dot ? 0 : 1;

/** Room that any text of so many octets fits in: 3 characters each, a soft break every 73 at the latest. */
function worstOctets(octets: number): number {
  return 3 * octets + 3 * Math.ceil((3 * octets) / (longestLineChars - 3)) + 2;
}

/**
 * A text in UTF-8 as quoted-printable, line ends as CRLF whatever they were (RFC 2046 §4.1.1). The result
 * - has no line that starts with a dot (`=2E`), so that SMTP need not stuff it (RFC 5321 §4.5.2);
 * - has no tab, no two spaces in a row and none before a line end, so that relaxed body canonicalisation
 *   (RFC 6376 §3.4.4) changes nothing in it but blank lines at its very end;
 * - never contains `=_`, so that a boundary with these two cannot occur in it (RFC 2045 §6.7).
 */
export function encodeQuotedPrintable(text: string): Buffer {
  const source = Buffer.from(text, 'utf8');
  const target = Buffer.allocUnsafe(worstOctets(source.length));
  const length = encodeInto(source, target);
  return target.subarray(0, length);
}

function encodeInto(source: Buffer, target: Buffer): number {
  let at = 0;
  let column = 0;
  let afterSpace = false;
  for (let index = 0; index < source.length; index += 1) {
    const octet = source[index] ?? 0;
    if (octet === cr || octet === lf) {
      if (octet === cr && source[index + 1] === lf) index += 1;
      target[at++] = cr;
      target[at++] = lf;
      column = 0;
      afterSpace = false;
      continue;
    }
    const next = source[index + 1];
    const lastInLine = next === undefined || next === cr || next === lf;
    const needed = plainWidth(octet, column, afterSpace || lastInLine);
    // The last character of a line needs no room for the `=` of a soft break; all others do.
    if (column + needed > (lastInLine ? longestLineChars : longestLineChars - 1)) {
      target[at++] = equals;
      target[at++] = cr;
      target[at++] = lf;
      column = 0;
    }
    const width = plainWidth(octet, column, afterSpace || lastInLine);
    if (width === 1) target[at++] = octet;
    else {
      target[at++] = equals;
      target[at++] = hexDigits[octet >> 4] ?? 0;
      target[at++] = hexDigits[octet & 15] ?? 0;
    }
    afterSpace = width === 1 && octet === space;
    column += width;
  }
  return at;
}

/** 1 when the octet stands for itself in this place, 3 when it is written `=XX`. */
function plainWidth(octet: number, column: number, noSpace: boolean): 1 | 3 {
  if (plain[octet] === 1) return 1;
  if (octet === dot) return column === 0 ? 3 : 1;
  // A space at the start of a line is safe in SMTP but reads badly after a soft break; relaxed would keep it.
  if (octet === space) return noSpace ? 3 : 1;
  return 3;
}
