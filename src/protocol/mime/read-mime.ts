import { readContentType, type ContentType } from './content-type.ts';
import { rawValue, readHeader, type RawField } from './header.ts';
import { mimeLimits, type MimeLimits } from './limits.ts';
import type { MimePart } from './part.ts';
import { decodeTransfer } from './transfer-encoding.ts';

type Reading = { readonly limits: MimeLimits; partsLeft: number };
type Place = { readonly reading: Reading; readonly depth: number; readonly digest: boolean };

/** Bytes of a mail → tree of parts. Lenient: whatever is broken becomes text. Bounded by `limits`; never throws. */
export function readMime(mail: Uint8Array, limits: MimeLimits = mimeLimits): MimePart {
  const read = mail.byteLength > limits.octets ? mail.subarray(0, limits.octets) : mail;
  const octets = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
  const reading: Reading = { limits, partsLeft: limits.parts };
  return readPart(textOf(octets), { reading, depth: 0, digest: false });
}

const carriageReturn = 13;
const lineFeed = 10;

/**
 * Octets as characters; CRLF, CR alone (old Mac files) and LF all become LF. Octet by octet: replacing in a text of ten
 * million CR took 700 ms, this takes 20.
 */
function textOf(octets: Buffer): string {
  const first = octets.indexOf(carriageReturn);
  if (first < 0) return octets.toString('latin1');
  const plain = Buffer.from(octets);
  let written = first;
  for (let at = first; at < octets.length; at += 1) {
    const octet = octets[at] ?? 0;
    if (octet === carriageReturn && octets[at + 1] === lineFeed) continue;
    plain[written] = octet === carriageReturn ? lineFeed : octet;
    written += 1;
  }
  return plain.toString('latin1', 0, written);
}

function readPart(text: string, place: Place): MimePart {
  const { limits } = place.reading;
  place.reading.partsLeft -= 1;
  const header = readHeader(text, 0, limits);
  const type = readContentType(rawValue(header.fields, 'content-type'));
  const rawBody = text.slice(header.end);
  // RFC 2046 §5.1.5: the parts of a digest are messages unless they say otherwise.
  const usual = place.digest ? 'message/rfc822' : 'text/plain';
  const mediaType = type.mediaType === '' ? usual : type.mediaType;
  const part = {
    fields: header.fields,
    mediaType,
    parameters: type.parameters,
    encoding: encodingOf(header.fields),
    rawBody,
  };
  return { ...part, parts: partsWithin(part, type, place) };
}

function encodingOf(fields: readonly RawField[]): string {
  return (rawValue(fields, 'content-transfer-encoding') ?? '')
    .trim()
    .toLowerCase()
    .replace(/[;\s].*$/, '')
    .replaceAll('"', '');
}

function partsWithin(part: Omit<MimePart, 'parts'>, type: ContentType, place: Place): readonly MimePart[] {
  const { reading, depth } = place;
  if (depth >= reading.limits.depth || reading.partsLeft <= 0) return [];
  if (part.mediaType.startsWith('multipart/')) {
    const inside: Place = { reading, depth: depth + 1, digest: part.mediaType === 'multipart/digest' };
    const parts: MimePart[] = [];
    for (const slice of slicesOf(part.rawBody, type.parameters.get('boundary') ?? '')) {
      if (reading.partsLeft <= 0) break;
      parts.push(readPart(slice, inside));
    }
    return parts;
  }
  if (part.mediaType === 'message/rfc822' || part.mediaType === 'message/global') {
    // RFC 2046 §5.2.1 forbids an encoding here, some senders use one all the same.
    const encoded = part.encoding === 'base64' || part.encoding === 'quoted-printable';
    const mail = encoded
      ? textOf(decodeTransfer(part.rawBody, part.encoding, reading.limits.octets))
      : part.rawBody;
    return mail.trim() === '' ? [] : [readPart(mail, { reading, depth: depth + 1, digest: false })];
  }
  return [];
}

/** The bodies between the delimiter lines (RFC 2046 §5.1.1). A missing close delimiter, or a blank after it, does no harm. */
function slicesOf(body: string, boundary: string): readonly string[] {
  const delimiter = `--${boundary === '' ? (likelyBoundary(body) ?? '') : boundary.trimEnd()}`;
  if (delimiter === '--') return [];
  const marks = delimiterLines(body, delimiter);
  // A boundary that the header names otherwise than the body uses it: the body's own is taken.
  if (marks.length === 0) {
    const other = boundary === '' ? null : likelyBoundary(body);
    return other === null ? [] : cut(body, delimiterLines(body, `--${other}`));
  }
  return cut(body, marks);
}

type Mark = { readonly start: number; readonly end: number; readonly closes: boolean };

// More delimiter lines than parts are read are of no use.
const mostMarks = 1_000;

function delimiterLines(body: string, delimiter: string): readonly Mark[] {
  const marks: Mark[] = [];
  let from = 0;
  while (marks.length < mostMarks) {
    const start = body.indexOf(delimiter, from);
    if (start < 0) break;
    from = start + delimiter.length;
    if (start > 0 && body.charCodeAt(start - 1) !== 10) continue;
    const newline = body.indexOf('\n', from);
    const end = newline < 0 ? body.length : newline;
    const rest = body.slice(from, Math.min(end, from + 80)).trimEnd();
    if (rest !== '' && rest !== '--') continue;
    marks.push({ start, end: Math.min(body.length, end + 1), closes: rest === '--' });
    from = end;
  }
  return marks;
}

function cut(body: string, marks: readonly Mark[]): readonly string[] {
  const slices: string[] = [];
  for (const [index, mark] of marks.entries()) {
    if (mark.closes) continue;
    const end = marks[index + 1]?.start ?? body.length;
    // RFC 2046 §5.1.1: the line end before a delimiter belongs to the delimiter.
    const slice = body.slice(mark.end, end > mark.end && body.charCodeAt(end - 1) === 10 ? end - 1 : end);
    if (slice.trim() !== '')
      slices.push(slice.startsWith('\n') ? `Content-Type: text/plain\n${slice}` : slice);
  }
  return slices;
}

/** What looks like a delimiter line followed by a part's header. */
function likelyBoundary(body: string): string | null {
  return /^--([^\s-][^\n]{0,70}|-[^\n]{1,70})\nContent-[A-Za-z-]+:/m.exec(body)?.[1]?.trimEnd() ?? null;
}
