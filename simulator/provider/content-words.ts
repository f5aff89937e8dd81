/** Whether a message has one of the words, also when its parts or its subject are encoded. */
export function hasWord(content: Buffer, words: readonly string[]): boolean {
  const raw = content.toString('latin1');
  const readings = [
    content,
    decodeQuotedPrintable(raw),
    ...decodeBase64Blocks(raw),
    ...decodeEncodedWords(raw),
  ];
  return words.some((word) => readings.some((bytes) => bytes.includes(word)));
}

/** RFC 2045 §6.7: soft line breaks go, =XX becomes the byte. Applied to everything: a filter may guess. */
function decodeQuotedPrintable(raw: string): Buffer {
  const joined = raw.replaceAll(/=\r?\n/g, '');
  const decoded = joined.replaceAll(/=([0-9A-Fa-f]{2})/g, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}

/** RFC 2045 §6.8: runs of lines that can only be base64. */
function decodeBase64Blocks(raw: string): readonly Buffer[] {
  const blocks = raw.match(/(?:^[A-Za-z0-9+/]{60,76}\r?\n)*^[A-Za-z0-9+/]{4,76}={0,2}\r?$/gm) ?? [];
  return blocks.map((block) => Buffer.from(block, 'base64'));
}

/** RFC 2047: the texts of the header; neighbouring words are one text (§6.2). */
function decodeEncodedWords(raw: string): readonly Buffer[] {
  const texts: Buffer[] = [];
  for (const [run] of raw.matchAll(/=\?[\w-]+\?[BbQq]\?[^?\s]*\?=(?:\s+=\?[\w-]+\?[BbQq]\?[^?\s]*\?=)*/g)) {
    const words = [...run.matchAll(/\?([BbQq])\?([^?\s]*)\?=/g)];
    texts.push(Buffer.concat(words.map(([, kind = '', text = '']) => decodeEncodedWord(kind, text))));
  }
  return texts;
}

function decodeEncodedWord(kind: string, text: string): Buffer {
  return kind.toUpperCase() === 'B'
    ? Buffer.from(text, 'base64')
    : decodeQuotedPrintable(text.replaceAll('_', ' '));
}
