/** What the octets of a mail are, found in one pass (25 MB: see README). */
export type TextForm = {
  /** A CR or an LF that is not part of a CR LF. */
  readonly bareLineEnd: boolean;
  readonly nul: boolean;
  /** Octets above 127 after the header. */
  readonly eightBit: boolean;
  /** Of the longest line, without CR LF. */
  readonly longestLineOctets: number;
  /** Where the empty line that ends the header begins; the length where there is none. */
  readonly headerEnd: number;
};

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export function textForm(mail: Uint8Array): TextForm {
  let bareLineEnd = false;
  let nul = false;
  let eightBit = false;
  let longestLineOctets = 0;
  let headerEnd = -1;
  let lineStart = 0;
  for (let at = 0; at < mail.length; at += 1) {
    const octet = mail[at] ?? 0;
    if (octet === lineFeed) {
      if (at === 0 || mail[at - 1] !== carriageReturn) bareLineEnd = true;
      const octets = at - 1 - lineStart;
      if (octets > longestLineOctets) longestLineOctets = octets;
      if (octets === 0 && headerEnd < 0) headerEnd = lineStart;
      lineStart = at + 1;
    } else if (octet === carriageReturn) {
      if (mail[at + 1] !== lineFeed) bareLineEnd = true;
    } else if (octet === 0) nul = true;
    else if (octet > 127 && headerEnd >= 0) eightBit = true;
  }
  longestLineOctets = Math.max(longestLineOctets, mail.length - lineStart);
  return {
    bareLineEnd,
    nul,
    eightBit,
    longestLineOctets,
    headerEnd: headerEnd < 0 ? mail.length : headerEnd,
  };
}
