// RFC 2045 §6.7 (5): lines of at most 76 characters; one is kept for the `=` of a soft break that may follow.
const longestContentChars = 75;

const cr = 0x0d;
const lf = 0x0a;
const space = 0x20;
const equals = 0x3d;
const dot = 0x2e;
const replacement = 0xfffd;

// How a character below 128 is written.
const asIs = 0;
const asSpace = 1;
const asDot = 2;
const asLineEnd = 3;
const asHex = 4;
const asEntity = 5;
const asUtf8 = 6;
// The most that each takes; one character in UTF-8 is kept on one line.
const widths = Uint8Array.of(1, 3, 3, 0, 3, 5, 12);

const textClasses = classes('');
const htmlClasses = classes('&<>"\'');
// As liquidjs' `escape` writes them.
const entities: Readonly<Record<number, string>> = {
  0x26: '&amp;',
  0x3c: '&lt;',
  0x3e: '&gt;',
  0x22: '&#34;',
  0x27: '&#39;',
};
const hexDigits = Buffer.from('0123456789ABCDEF', 'latin1');
const highHex = Uint8Array.from({ length: 256 }, (_, octet) => hexDigits[octet >> 4] ?? 0);
const lowHex = Uint8Array.from({ length: 256 }, (_, octet) => hexDigits[octet & 15] ?? 0);

function classes(escaped: string): Uint8Array {
  const table = new Uint8Array(128).fill(asHex);
  for (let code = 33; code <= 126; code += 1) table[code] = asIs;
  table[equals] = asHex;
  table[space] = asSpace;
  table[dot] = asDot;
  table[cr] = asLineEnd;
  table[lf] = asLineEnd;
  for (const character of escaped) table[character.charCodeAt(0)] = asEntity;
  return table;
}

/** A text that never changes, encoded once as it stands at the start of a line. */
export type QuotedPrintablePiece = {
  readonly text: string;
  readonly bytes: Buffer;
  /** `bytes` behind a soft line break: what is written in the middle of a line. */
  readonly broken: Buffer;
  readonly startsWithLf: boolean;
  readonly startsWithLineEnd: boolean;
  /** After it the next text stands at the start of a line. */
  readonly endsLine: boolean;
  readonly endsInCr: boolean;
  /** Half of a surrogate pair at an end: what stands beside it decides how it is written. */
  readonly torn: boolean;
};

/** Room for any text of so many UTF-16 units: 9 octets each, and a soft break of 3 for every 64 octets at the latest. */
function worstOctets(units: number): number {
  return 10 * units + 16;
}

const smallestBytes = 4_096;
// A buffer that grew for one giant message is not kept for all that follow.
const largestKeptBytes = 1_048_576;
// Longer texts are written in runs, so that the room reserved for the worst case stays small.
const longestRunUnits = 8_192;

/**
 * Writes texts one after the other as quoted-printable, line ends as CRLF whatever they were (RFC 2046 §4.1.1). Each text
 * starts at the start of a line, behind a soft line break where one is needed, so that a `QuotedPrintablePiece` is copied as
 * it is. The result decodes to the texts joined, and
 * - has no line that starts with a dot (`=2E`), so that SMTP need not stuff it (RFC 5321 §4.5.2);
 * - has no tab, no two spaces in a row and none at a line's end, so that relaxed body canonicalisation
 *   (RFC 6376 §3.4.4) changes nothing in it but blank lines at its very end;
 * - never contains `=_`, so that a boundary with these two cannot occur in it (RFC 2045 §6.7).
 */
export class QuotedPrintableWriter {
  #bytes = Buffer.allocUnsafeSlow(smallestBytes);
  #at = 0;
  #atLineStart = true;
  /** The last text ended in CR: an LF that follows belongs to it. */
  #afterCr = false;
  /** The first half of a surrogate pair that ended the last text, 0 for none. */
  #half = 0;

  get length(): number {
    return this.#at;
  }

  /** What was written so far; valid until the next write. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  clear(): void {
    if (this.#bytes.length > largestKeptBytes) this.#bytes = Buffer.allocUnsafeSlow(smallestBytes);
    this.#at = 0;
    this.#atLineStart = true;
    this.#afterCr = false;
    this.#half = 0;
  }

  /** Ends the text: half a character that waits for its other half will not get it. */
  endText(): void {
    if (this.#half !== 0) {
      this.#half = 0;
      this.#run(String.fromCharCode(replacement), false);
    }
    this.#afterCr = false;
  }

  /** Ends the text and its line. */
  endLine(): void {
    this.endText();
    if (this.#atLineStart) return;
    this.#reserve(2);
    this.#lineEnd();
  }

  /** Octets that are no part of a text and end in CRLF; the text before must have ended. */
  octets(octets: Buffer): void {
    this.#reserve(octets.length);
    this.#bytes.set(octets, this.#at);
    this.#at += octets.length;
    this.#atLineStart = true;
  }

  piece(piece: QuotedPrintablePiece): void {
    if (piece.text === '') return;
    if (piece.torn || this.#half !== 0) {
      this.text(piece.text, false);
      return;
    }
    let source = this.#atLineStart || piece.startsWithLineEnd ? piece.bytes : piece.broken;
    if (this.#afterCr && piece.startsWithLf) source = source.subarray(2);
    const { length } = source;
    const end = this.#at + length;
    if (end > this.#bytes.length) this.#reserve(length);
    // `set` for every length: a loop of single octets was slower by a fifth (docs/decisions/0012).
    this.#bytes.set(source, this.#at);
    this.#at = end;
    this.#atLineStart = piece.endsLine;
    this.#afterCr = piece.endsInCr;
  }

  /** `escape`: as HTML text, `&<>"'` written as entities. */
  text(text: string, escape: boolean): void {
    if (text.length > longestRunUnits) {
      for (let from = 0; from < text.length; from += longestRunUnits)
        this.#run(text.slice(from, from + longestRunUnits), escape);
    } else if (text !== '') this.#run(text, escape);
  }

  #run(text: string, escape: boolean): void {
    let run = text;
    if (this.#half !== 0) {
      run = String.fromCharCode(this.#half) + text;
      this.#half = 0;
    } else if (this.#afterCr && text.charCodeAt(0) === lf) run = text.slice(1);
    this.#afterCr = false;
    const { length } = run;
    if (length === 0) return;
    if (this.#at + worstOctets(length) > this.#bytes.length) this.#reserve(worstOctets(length));
    const table = escape ? htmlClasses : textClasses;
    const first = run.charCodeAt(0);
    if (!this.#atLineStart && first !== lf && first !== cr) this.#at = writeSoftBreak(this.#bytes, this.#at);
    this.#atLineStart = false;
    // Most values are short and plain: copied as they are.
    const plain = length <= longestContentChars ? this.#copyPlain(run, table) : 0;
    if (plain < length) this.#encode(run, plain, table);
  }

  /** Copies what may stand as it is at the start of a short text; returns how much that was. */
  #copyPlain(text: string, table: Uint8Array): number {
    const bytes = this.#bytes;
    const at = this.#at;
    const { length } = text;
    let index = 0;
    for (; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code >= 128 || table[code] !== asIs) break;
      bytes[at + index] = code;
    }
    this.#at = at + index;
    return index;
  }

  /** Encodes a text from `start` on; what stands before is on this line already. */
  #encode(text: string, start: number, table: Uint8Array): void {
    const bytes = this.#bytes;
    const { length } = text;
    let at = this.#at;
    let column = start;
    let afterSpace = false;
    for (let index = start; index < length; index += 1) {
      const code = text.charCodeAt(index);
      const kind = code < 128 ? (table[code] ?? asHex) : asUtf8;
      if (kind === asLineEnd) {
        if (code === cr && text.charCodeAt(index + 1) === lf) index += 1;
        else if (code === cr && index === length - 1) this.#afterCr = true;
        bytes[at++] = cr;
        bytes[at++] = lf;
        column = 0;
        afterSpace = false;
        continue;
      }
      if (column + (widths[kind] ?? 0) > longestContentChars) {
        at = writeSoftBreak(bytes, at);
        column = 0;
      }
      const before = at;
      const raw = kind === asIs || (kind === asDot && column > 0);
      const rawSpace: boolean = kind === asSpace && column > 0 && !afterSpace && !endsLine(text, index);
      if (raw || rawSpace) bytes[at++] = code;
      else if (kind === asEntity) at = writeEntity(bytes, at, code);
      else if (kind !== asUtf8) at = writeHex(bytes, at, code);
      else {
        if (isHighSurrogate(code) && index === length - 1) {
          this.#half = code;
          break;
        }
        const point = text.codePointAt(index) ?? replacement;
        if (point > 0xffff) index += 1;
        at = writeUtf8(bytes, at, point);
      }
      afterSpace = rawSpace;
      column += at - before;
    }
    this.#at = at;
    this.#atLineStart = column === 0;
  }

  #lineEnd(): void {
    this.#bytes[this.#at++] = cr;
    this.#bytes[this.#at++] = lf;
    this.#atLineStart = true;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#at + more));
    larger.set(this.written);
    this.#bytes = larger;
  }
}

/** One text, as the writer puts it at the start of a line. */
export function encodeQuotedPrintable(text: string): Buffer {
  const writer = new QuotedPrintableWriter();
  writer.text(text, false);
  writer.endText();
  return writer.written;
}

export function quotedPrintablePiece(text: string): QuotedPrintablePiece {
  const broken = Buffer.concat([Buffer.from('=\r\n', 'latin1'), encodeQuotedPrintable(text)]);
  const last = text.charCodeAt(text.length - 1);
  return {
    text,
    bytes: broken.subarray(3),
    broken,
    startsWithLf: text.startsWith('\n'),
    startsWithLineEnd: text.startsWith('\n') || text.startsWith('\r'),
    endsLine: last === lf || last === cr,
    endsInCr: last === cr,
    torn: isLowSurrogate(text.charCodeAt(0)) || isHighSurrogate(last),
  };
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** A raw space there would be white space at a line's end. */
function endsLine(text: string, index: number): boolean {
  if (index === text.length - 1) return true;
  const next = text.charCodeAt(index + 1);
  return next === lf || next === cr;
}

function writeSoftBreak(bytes: Buffer, at: number): number {
  bytes[at] = equals;
  bytes[at + 1] = cr;
  bytes[at + 2] = lf;
  return at + 3;
}

function writeHex(bytes: Buffer, at: number, octet: number): number {
  bytes[at] = equals;
  bytes[at + 1] = highHex[octet] ?? 0;
  bytes[at + 2] = lowHex[octet] ?? 0;
  return at + 3;
}

function writeEntity(bytes: Buffer, at: number, code: number): number {
  const entity = entities[code] ?? '';
  for (let index = 0; index < entity.length; index += 1) bytes[at + index] = entity.charCodeAt(index);
  return at + entity.length;
}

/** RFC 3629 §3; half a pair becomes U+FFFD, as in any encoder. */
function writeUtf8(bytes: Buffer, at: number, point: number): number {
  const code = point >= 0xd800 && point <= 0xdfff ? replacement : point;
  if (code < 0x800) return writeHex(bytes, writeHex(bytes, at, 0xc0 | (code >> 6)), 0x80 | (code & 63));
  if (code < 0x10000) {
    const second = writeHex(bytes, writeHex(bytes, at, 0xe0 | (code >> 12)), 0x80 | ((code >> 6) & 63));
    return writeHex(bytes, second, 0x80 | (code & 63));
  }
  const second = writeHex(bytes, writeHex(bytes, at, 0xf0 | (code >> 18)), 0x80 | ((code >> 12) & 63));
  const third = writeHex(bytes, second, 0x80 | ((code >> 6) & 63));
  return writeHex(bytes, third, 0x80 | (code & 63));
}
