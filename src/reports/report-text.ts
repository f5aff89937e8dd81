/** Text of a file whose encoding is told by itself, wrongly told, or not told. `mended`: the declaration was not true. */
export type ReportText = { readonly text: string; readonly mended: boolean };

// A declaration stands in the first line.
const declarationBytes = 200;

export function decodeReportText(bytes: Uint8Array): ReportText {
  const declared = declaredEncoding(bytes);
  const wide = wideEncoding(bytes);
  if (wide !== null)
    return { text: decode(bytes, wide), mended: declared !== null && !/utf-?16/.test(declared) };
  // ISO-2022-JP is 7-bit: valid UTF-8 that reads as nonsense.
  if (declared === 'iso-2022-jp') return { text: decode(bytes, declared), mended: false };
  const asUtf8 = strictUtf8(bytes);
  if (asUtf8 !== null) return { text: asUtf8, mended: declared !== null && /utf-?16/.test(declared) };
  const named = declared !== null && !declared.startsWith('utf') && isKnown(declared) ? declared : null;
  return { text: decode(bytes, named ?? 'windows-1252'), mended: named === null };
}

function declaredEncoding(bytes: Uint8Array): string | null {
  const start = decode(bytes.subarray(0, declarationBytes), 'latin1').replaceAll('\0', '');
  const found = /<\?xml[^>]*?encoding\s*=\s*["']?([\w.:-]{1,40})/i.exec(start);
  return found?.[1]?.toLowerCase() ?? null;
}

/** UTF-16 by its byte order mark, or by the zeros beside the first character (XML 1.0 appendix F). */
function wideEncoding(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first !== 0 && second === 0 && fourth === 0) return 'utf-16le';
  return first === 0 && second !== 0 && third === 0 ? 'utf-16be' : null;
}

function strictUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    // "not valid for encoding utf-8" (WHATWG Encoding §7.1)
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function isKnown(encoding: string): boolean {
  try {
    return new TextDecoder(encoding).encoding !== '';
  } catch (error) {
    // "failure" of a label nobody knows (WHATWG Encoding §4.2)
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function decode(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding).decode(bytes);
}
