// RFC 2047 §2: "An 'encoded-word' may not be more than 75 characters long".
const longestWordChars = 75;
const overheadChars = '=?utf-8?B??='.length;

// RFC 2047 §5 (3): inside a phrase only these may stand for themselves; we keep to them everywhere.
const plainInQ = /^[A-Za-z0-9!*+\-/]$/;
const oneInQ = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return character === ' ' || plainInQ.test(character) ? 1 : 0;
});

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
  const asBase64 = divide(text, firstChars, base64);
  const asQ = divide(text, firstChars, q);
  const { encoding, ends } =
    asQ.chars <= asBase64.chars ? { ...asQ, encoding: q } : { ...asBase64, encoding: base64 };
  return ends.map((end, index) => {
    const part = text.slice(ends[index - 1] ?? 0, end);
    return `=?utf-8?${encoding.letter}?${encoding.encode(part)}?=`;
  });
}

/** Where the words of an encoding end in the text, and how long they are with the folds between them. */
type Division = { readonly ends: readonly number[]; readonly chars: number };

function divide(text: string, firstChars: number, encoding: Encoding): Division {
  const ends: number[] = [];
  let room = Math.min(longestWordChars, firstChars) - overheadChars;
  let start = 0;
  let octets = 0;
  let qChars = 0;
  let chars = 0;
  const endWord = (end: number): void => {
    ends.push(end);
    chars += encoding.length(octets, qChars) + overheadChars + '\r\n '.length;
    start = end;
    octets = 0;
    qChars = 0;
  };
  for (let index = 0; index < text.length; index += 1) {
    // RFC 2047 §5: a multi-octet character may not be split over two encoded-words, so characters are taken whole.
    const point = text.codePointAt(index) ?? 0;
    const moreOctets = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    const moreQ = point < 0x80 && oneInQ[point] === 1 ? 1 : 3 * moreOctets;
    if (index > start && encoding.length(octets + moreOctets, qChars + moreQ) > room) {
      endWord(index);
      room = longestWordChars - overheadChars;
    }
    octets += moreOctets;
    qChars += moreQ;
    if (point > 0xffff) index += 1;
  }
  if (text.length > start) endWord(text.length);
  return { ends, chars };
}
