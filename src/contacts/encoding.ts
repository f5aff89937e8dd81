import { isAscii, isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { cp932Evidence, eucJpEvidence, utf8Evidence } from './encoding-evidence.ts';
import type { Evidence } from './encoding-evidence.ts';
import { readChunks, wrongKind } from './recipient-file.ts';
import type { RecipientFile } from './recipient-file.ts';

export type ListEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'cp932' | 'euc-jp' | 'iso-2022-jp';

type ReadOptions = { readonly chunkBytes: number; readonly signal?: AbortSignal | undefined };

/**
 * Tells the encoding from the whole file, not from its beginning: the first Japanese name of a list may come after
 * megabytes of ASCII. A valid UTF-8 file costs one pass at disk speed; another one a second pass until the evidence
 * is in.
 */
export async function detectEncoding(file: RecipientFile, options: ReadOptions): Promise<ListEncoding> {
  const byHead = encodingOfHead(file);
  if (byHead !== null) return byHead;
  return (await validEncoding(file, options)) ?? (await byEvidence(file, options));
}

/** Byte order marks, NUL patterns; throws when it is no text at all. */
function encodingOfHead(file: RecipientFile): ListEncoding | null {
  const { head } = file;
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe && !(head[2] === 0 && head[3] === 0)) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  let nulEven = 0;
  let nulOdd = 0;
  let controls = 0;
  for (const [index, byte] of head.entries()) {
    if (byte === 0 && index % 2 === 0) nulEven += 1;
    else if (byte === 0) nulOdd += 1;
    else if (byte < 0x20 && !textControls.has(byte)) controls += 1;
  }
  // Addresses and separators are ASCII, so in UTF-16 well over a tenth of all units have a NUL half, always the same.
  const units = head.length / 2;
  if (nulOdd > units * 0.1 && nulEven < nulOdd * 0.01) return 'utf-16le';
  if (nulEven > units * 0.1 && nulOdd < nulEven * 0.01) return 'utf-16be';
  if (nulEven + nulOdd + controls > head.length * 0.01) throw wrongKind(file.path, 'binary');
  return null;
}

// TAB, LF, VT, FF, CR, ESC (ISO-2022-JP); ^Z ended text files in CP/M and DOS.
const textControls = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1a, 0x1b]);

/** UTF-8 or ISO-2022-JP when every byte agrees with it; null at the first that does not. */
async function validEncoding(file: RecipientFile, options: ReadOptions): Promise<ListEncoding | null> {
  let pending = Buffer.alloc(0);
  let sevenBit = true;
  let shifted = false;
  for await (const chunk of readChunks(file, options)) {
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const cut = wholeCharacters(bytes);
    const whole = bytes.subarray(0, cut);
    if (!isUtf8(whole)) return null;
    if (sevenBit && !isAscii(bytes)) sevenBit = false;
    if (sevenBit && !shifted) shifted = shiftsToKanji(bytes);
    pending = Buffer.from(bytes.subarray(cut < bytes.length ? cut : cut - lookBehind(bytes)));
  }
  if (!isUtf8(pending)) return null;
  return sevenBit && shifted ? 'iso-2022-jp' : 'utf-8';
}

// RFC 1468: ESC $ @ and ESC $ B begin two-byte characters. An escape cut by the chunk's end is kept for the next one.
function shiftsToKanji(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return text.includes('\x1B$B', 0, 'latin1') || text.includes('\x1B$@', 0, 'latin1');
}

function lookBehind(bytes: Uint8Array): number {
  if (bytes.at(-1) === 0x1b) return 1;
  return bytes.at(-2) === 0x1b && bytes.at(-1) === 0x24 ? 2 : 0;
}

/** Length without an unfinished UTF-8 sequence at the end (RFC 3629 §3: at most three bytes of one). */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

// Sequences of the best reading after which more of the file would not change the mind.
const enoughEvidence = 10_000;

async function byEvidence(file: RecipientFile, options: ReadOptions): Promise<ListEncoding> {
  const readers = { 'utf-8': utf8Evidence(), cp932: cp932Evidence(), 'euc-jp': eucJpEvidence() };
  for await (const chunk of readChunks(file, options)) {
    for (const reader of Object.values(readers)) reader.read(chunk);
    if (Math.max(...Object.values(readers).map((reader) => reader.evidence.likely)) > enoughEvidence) break;
  }
  for (const reader of Object.values(readers)) reader.end();
  const utf8 = score(readers['utf-8'].evidence);
  const cp932 = score(readers.cp932.evidence);
  const eucJp = score(readers['euc-jp'].evidence);
  // Nothing reads well (Latin-1, a damaged file): UTF-8, so that the rows in question are refused instead of sent as
  // wrong characters. Equal: CP932, since Excel in Japan writes that and EUC-JP lists are old.
  if (utf8 >= cp932 && utf8 >= eucJp) return 'utf-8';
  if (Math.max(cp932, eucJp) < 0) return 'utf-8';
  return eucJp > cp932 ? 'euc-jp' : 'cp932';
}

// A sequence that cannot exist weighs more than one that is only rare.
function score(evidence: Evidence): number {
  return evidence.likely - evidence.unlikely - 4 * evidence.bad;
}

/** Bytes to text, chunk by chunk; what cannot be decoded becomes U+FFFD. The byte order mark is dropped. */
export type TextReader = { write(chunk: Uint8Array): string; end(): string };

export function textReader(encoding: ListEncoding): TextReader {
  if (encoding === 'cp932' || encoding === 'euc-jp') {
    // iconv-lite, because its CP932 has the NEC and IBM extensions (髙 﨑 ①) in one table with a known source.
    const decoder = iconv.getDecoder(encoding === 'cp932' ? 'cp932' : 'eucjp');
    return {
      write: (chunk) => decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)),
      end: () => decoder.end() ?? '',
    };
  }
  const decoder = new TextDecoder(encoding);
  return { write: (chunk) => decoder.decode(chunk, { stream: true }), end: () => decoder.decode() };
}

/** Whether a record lost characters on its way: bytes without meaning, NUL, or characters only the writer's machine had. */
export function isDamaged(text: string, encoding: ListEncoding): boolean {
  // CP932 F040–F9FC (gaiji, carriers' emoji) decode to private use: nobody else can show them.
  const legacy = encoding === 'cp932' || encoding === 'euc-jp' || encoding === 'iso-2022-jp';
  return (legacy ? /[\0\u0080-\u009F\uE000-\uF8FF\uFFFD]/ : /[\0\uFFFD]/).test(text);
}
