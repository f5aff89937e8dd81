// What rules see of a reply: one line without what only this recipient, this connection and this minute put into it.
// Two replies that differ in nothing else get the same line, so the judgement of one can be remembered for the other,
// exactly: rules look at nothing else. One pass over the characters, because every reply goes through it.

/** RFC 5321 §4.5.3.1.5 allows 512 octets a reply line; what follows the first 4 KB of several lines is not read. */
export const longestReplyChars = 4_096;

export type Words = { readonly text: string; readonly code: number | null; readonly status: string | null };

// Queue ids, session ids and digests are longer; `5.7.1`, `TSS04` or `HM08` mean something and are shorter.
const shortestIdChars = 10;
// Sizes, ports and process ids vary; a count such as `26 hops` or a reply code is shorter.
const shortestNumberChars = 5;

const space = 1;
const delimiter = 2;
const kinds = new Uint8Array(128);
kinds.fill(space, 0, 33);
for (const mark of '<>()[]",;:@') kinds[mark.charCodeAt(0)] = delimiter;

const at = 64;
const colon = 58;
const dot = 46;
const hyphen = 45;
const slash = 47;
const zero = 48;

/** The line being written. One is enough: writing it is synchronous. A mask is at most two characters longer than what it hides. */
const out = new Uint16Array(2 * longestReplyChars);
const narrow = Buffer.alloc(out.length);
const wideView = Buffer.from(out.buffer);

type Pen = { text: string; limit: number; from: number; written: number; widest: number };

/**
 * The line that rules see: `550 5.1.1 text`, words separated by single spaces. Servers repeat code and status on every
 * line of a reply (RFC 2034 §4), which would tear phrases apart, so only the first stays. Addresses become `a@x`:
 * whatever a recipient is called must not look like a reason. IP addresses, times, long numbers and identifiers become
 * `0.0.0.0`, `0:0`, `00000` and `id0`, and host names lose the digits of their labels.
 */
export function lineOf({ text, code, status }: Words): string {
  const pen: Pen = { text, limit: Math.min(text.length, longestReplyChars), from: 0, written: 0, widest: 0 };
  const head = code === null ? '' : String(code);
  write(pen, head);
  let statusSeen = false;
  for (;;) {
    skipSpaces(pen);
    if (pen.from >= pen.limit) break;
    if (head !== '' && pen.text.startsWith(head, pen.from)) {
      const after = pen.from + head.length;
      if (unitAt(pen, after) === hyphen) pen.from = after + 1;
      else if (pen.written === head.length && isSpace(unitAt(pen, after))) pen.from = after;
      if (isSpace(unitAt(pen, pen.from))) continue;
    }
    if (status !== null && isWord(pen, status)) {
      if (statusSeen) {
        pen.from += status.length;
        dropRepeatedCode(pen, head);
        continue;
      }
      statusSeen = true;
    }
    if (pen.written > 0) put(pen, 32);
    writeWord(pen);
  }
  return finished(pen);
}

function isWord(pen: Pen, word: string): boolean {
  return pen.text.startsWith(word, pen.from) && isSpace(unitAt(pen, pen.from + word.length));
}

/** `… does 550 5.1.1 not exist`: the code before a repeated status belongs to the line, not to the text. */
function dropRepeatedCode(pen: Pen, head: string): void {
  const start = pen.written - head.length;
  if (head === '' || start < head.length + 1 || out[start - 1] !== 32) return;
  for (let index = 0; index < head.length; index += 1)
    if (out[start + index] !== head.charCodeAt(index)) return;
  pen.written = start - 1;
}

function writeWord(pen: Pen): void {
  while (pen.from < pen.limit) {
    const unit = pen.text.charCodeAt(pen.from);
    const kind = unit < 128 ? kinds[unit] : isSpace(unit) ? space : 0;
    if (kind === space) return;
    if (kind === delimiter) {
      put(pen, unit);
      pen.from += 1;
    } else writeAtom(pen);
  }
}

/** An atom stands between spaces and the delimiters of addresses: a word, a number, a host, a local part, an id. */
function writeAtom(pen: Pen): void {
  const start = pen.from;
  let digits = 0;
  let hexadecimal = true;
  let firstDigit = -1;
  let end = start;
  for (; end < pen.limit; end += 1) {
    const unit = pen.text.charCodeAt(end);
    if (unit < 128 ? kinds[unit] !== 0 : isSpace(unit)) break;
    if (unit >= zero && unit <= 57) {
      if (digits === 0) firstDigit = end;
      digits += 1;
    } else if (hexadecimal && !((unit | 32) >= 97 && (unit | 32) <= 102)) hexadecimal = false;
  }
  const next = unitAt(pen, end);
  pen.from = end;
  if (next === at) write(pen, 'a');
  else if (pen.written > 0 && out[pen.written - 1] === at) writeDomain(pen, start, end);
  else if (next === colon && hexadecimal && passColons(pen, start)) write(pen, '0:0');
  else if (digits === 0) copy(pen, start, end);
  else writeWithDigits(pen, { start, end, firstDigit, digits });
}

function writeDomain(pen: Pen, start: number, end: number): void {
  let last = end;
  // `<neko@example.jp>...` and a full stop after an address do not belong to the name.
  while (last > start && !isAlphanumeric(pen.text.charCodeAt(last - 1))) last -= 1;
  write(pen, 'x');
  copy(pen, last, end);
}

/** Goes past an IPv6 address or a time of day (two colons at least) that begins at `start`; false when there is none. */
function passColons(pen: Pen, start: number): boolean {
  let colons = 0;
  let end = start;
  for (; end < pen.limit; end += 1) {
    const unit = pen.text.charCodeAt(end);
    if (unit === colon) colons += 1;
    else if (!isHexadecimal(unit) && unit !== dot) break;
  }
  if (colons < 2) return false;
  pen.from = end;
  return true;
}

type Atom = {
  readonly start: number;
  readonly end: number;
  readonly firstDigit: number;
  readonly digits: number;
};

function writeWithDigits(pen: Pen, { start, end, firstDigit, digits }: Atom): void {
  const length = end - start;
  const ipEnd = endOfIpv4(pen, firstDigit, end);
  if (ipEnd > 0 && !isAlphanumeric(unitAt(pen, ipEnd)) && pen.text.charCodeAt(start) !== slash) {
    copy(pen, start, firstDigit);
    write(pen, '0.0.0.0');
    copy(pen, ipEnd, end);
  } else if (digits === length) {
    if (length < shortestNumberChars) copy(pen, start, end);
    else write(pen, '00000');
  } else if (length < shortestIdChars || isServerCode(pen.text, start, end)) copy(pen, start, end);
  else if (pen.text.charCodeAt(start) === slash) copyAddressesHidden(pen, start, end);
  else if (isHostName(pen.text, start, end)) copyDigitsHidden(pen, start, end);
  else {
    write(pen, 'id0');
    // `2026-04-29T12:34:56.000Z`: the atom ended at the first colon.
    if (unitAt(pen, end) === colon && unitAt(pen, start + 4) === hyphen) passClock(pen);
  }
}

function passClock(pen: Pen): void {
  for (; pen.from < pen.limit; pen.from += 1) {
    const unit = pen.text.charCodeAt(pen.from);
    const inClock =
      (unit >= zero && unit <= colon) || unit === dot || unit === hyphen || unit === 43 || unit === 90;
    if (!inClock) return;
  }
}

/** Where an IPv4 address that begins at `start` ends; 0 when none does. */
function endOfIpv4(pen: Pen, start: number, end: number): number {
  let groups = 0;
  let digits = 0;
  let index = start;
  for (; index < end; index += 1) {
    const unit = pen.text.charCodeAt(index);
    if (unit >= zero && unit <= 57) {
      digits += 1;
      if (digits > 3) return 0;
    } else if (unit === dot && digits > 0 && groups < 3) {
      groups += 1;
      digits = 0;
    } else break;
  }
  return groups === 3 && digits > 0 ? index : 0;
}

/** `OFR006_102`, `AS16012607`: some letters, then digits: a code of the server's own list, which rules may name. */
function isServerCode(text: string, start: number, end: number): boolean {
  let index = start;
  while (index < end && isLetter(text.charCodeAt(index))) index += 1;
  const letters = index - start;
  while (index < end && (isDigit(text.charCodeAt(index)) || text.charCodeAt(index) === 95)) index += 1;
  return letters > 0 && letters <= 5 && index === end;
}

function isHostName(text: string, start: number, end: number): boolean {
  let label = 0;
  let dots = 0;
  let lettersOnly = true;
  for (let index = start; index < end; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === dot) {
      dots += 1;
      label = 0;
      lettersOnly = true;
    } else {
      label += 1;
      if (!isLetter(unit)) lettersOnly = false;
      if (!isAlphanumeric(unit) && unit !== hyphen) return false;
    }
  }
  return dots > 0 && (label === 0 || (label > 1 && lettersOnly));
}

function copyDigitsHidden(pen: Pen, start: number, end: number): void {
  for (let index = start; index < end; index += 1) {
    const unit = pen.text.charCodeAt(index);
    if (!isDigit(unit)) put(pen, unit);
    else if (index === start || !isDigit(pen.text.charCodeAt(index - 1))) put(pen, zero);
  }
}

/** A URL keeps its words, which rules name, but not the IP address that it asks about. */
function copyAddressesHidden(pen: Pen, start: number, end: number): void {
  for (let index = start; index < end; index += 1) {
    const unit = pen.text.charCodeAt(index);
    const fresh = isDigit(unit) && !isAlphanumeric(pen.text.charCodeAt(index - 1));
    const ipEnd = fresh ? endOfIpv4(pen, index, end) : 0;
    if (ipEnd === 0) put(pen, unit);
    else {
      write(pen, '0.0.0.0');
      index = ipEnd - 1;
    }
  }
}

function skipSpaces(pen: Pen): void {
  while (pen.from < pen.limit && isSpace(pen.text.charCodeAt(pen.from))) pen.from += 1;
}

/** The code unit at a place; beyond the end a space. */
function unitAt(pen: Pen, index: number): number {
  return index < pen.limit ? pen.text.charCodeAt(index) : 32;
}

function copy(pen: Pen, start: number, end: number): void {
  const { text } = pen;
  let { written, widest } = pen;
  for (let index = start; index < end; index += 1) {
    const unit = text.charCodeAt(index);
    out[written] = unit;
    written += 1;
    widest |= unit;
  }
  pen.written = written;
  pen.widest = widest;
}

function write(pen: Pen, text: string): void {
  for (let index = 0; index < text.length; index += 1) put(pen, text.charCodeAt(index));
}

function put(pen: Pen, unit: number): void {
  out[pen.written] = unit;
  pen.written += 1;
  pen.widest |= unit;
}

function finished({ written, widest }: Pen): string {
  if (widest > 255) return wideView.toString('utf16le', 0, 2 * written);
  for (let index = 0; index < written; index += 1) narrow[index] = out[index] ?? 0;
  return narrow.toString('latin1', 0, written);
}

function isSpace(unit: number): boolean {
  // U+00A0 and the ideographic space U+3000 of Japanese texts; control characters are nothing to read.
  return unit <= 32 || unit === 0xa0 || unit === 0x3000;
}

function isDigit(unit: number): boolean {
  return unit >= zero && unit <= 57;
}

function isLetter(unit: number): boolean {
  return (unit | 32) >= 97 && (unit | 32) <= 122;
}

function isAlphanumeric(unit: number): boolean {
  return isDigit(unit) || isLetter(unit);
}

function isHexadecimal(unit: number): boolean {
  return isDigit(unit) || ((unit | 32) >= 97 && (unit | 32) <= 102);
}
