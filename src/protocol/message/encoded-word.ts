// RFC 2047 §2: "An 'encoded-word' may not be more than 75 characters long".
const longestWordChars = 75;
const overheadChars = '=?utf-8?B??='.length;

// RFC 2047 §5 (3): inside a phrase only these may stand for themselves; we keep to them everywhere.
const plainInQ = /^[A-Za-z0-9!*+\-/]$/;

type Encoding = {
  readonly letter: 'B' | 'Q';
  /** Length of the encoded form of a text of that many octets and Q characters. */
  readonly length: (octets: number, qChars: number) => number;
  readonly encode: (text: string) => string;
};

const base64: Encoding = {
  letter: 'B',
  length: (octets) => 4 * Math.ceil(octets / 3),
  encode: (text) => Buffer.from(text, 'utf8').toString('base64'),
};

const q: Encoding = {
  letter: 'Q',
  length: (_octets, qChars) => qChars,
  encode: (text) => Array.from(text, encodeCharacterAsQ).join(''),
};

function encodeCharacterAsQ(character: string): string {
  if (character === ' ') return '_';
  if (plainInQ.test(character)) return character;
  let out = '';
  for (const octet of Buffer.from(character, 'utf8')) {
    out += `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

/**
 * A text as RFC 2047 encoded-words, B or Q, whichever is shorter for the whole. Words are to be separated by folding
 * white space, which decoders drop (§6.2). `firstChars` is the room left on the field's first line.
 */
export function encodeWords(text: string, firstChars: number): readonly string[] {
  const asBase64 = encodeWith(text, firstChars, base64);
  const asQ = encodeWith(text, firstChars, q);
  return foldedLength(asQ) <= foldedLength(asBase64) ? asQ : asBase64;
}

function foldedLength(words: readonly string[]): number {
  return words.reduce((sum, word) => sum + word.length + '\r\n '.length, 0);
}

function encodeWith(text: string, firstChars: number, encoding: Encoding): readonly string[] {
  const words: string[] = [];
  let room = Math.min(longestWordChars, firstChars) - overheadChars;
  let part = '';
  let octets = 0;
  let qChars = 0;
  // RFC 2047 §5: a multi-octet character may not be split over two encoded-words; iteration is by code point.
  for (const character of text) {
    const moreOctets = Buffer.byteLength(character, 'utf8');
    const moreQ = character === ' ' || plainInQ.test(character) ? 1 : 3 * moreOctets;
    if (encoding.length(octets + moreOctets, qChars + moreQ) > room && part !== '') {
      words.push(`=?utf-8?${encoding.letter}?${encoding.encode(part)}?=`);
      room = longestWordChars - overheadChars;
      part = '';
      octets = 0;
      qChars = 0;
    }
    part += character;
    octets += moreOctets;
    qChars += moreQ;
  }
  if (part !== '') words.push(`=?utf-8?${encoding.letter}?${encoding.encode(part)}?=`);
  return words;
}
