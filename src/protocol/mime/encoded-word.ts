import { decodeCharset } from './charset.ts';

// RFC 2047 §2, with RFC 2231 §5 language tag. Longer words than the 75 characters of §2 are common and harmless.
const encodedWord = /=\?([^?\s]{1,60})\?([bq])\?([^?]*)\?=/gi;

/** Decodes encoded words in a header value; a broken one stays as it stands. Never throws. */
export function decodeWords(value: string): string {
  // RFC 2047 §6.2: blanks between two encoded words are not shown.
  const joined = value.replaceAll(/(\?=)[ \t]+(?==\?[^?\s]{1,60}\?[bq]\?)/gi, '$1');
  const runs: { charset: string; octets: Buffer[] }[] = [];
  let text = '';
  let last = 0;
  const flush = (): void => {
    for (const { charset, octets } of runs) text += decodeCharset(Buffer.concat(octets), charset);
    runs.length = 0;
  };
  for (const match of joined.matchAll(encodedWord)) {
    if (match.index > last) {
      flush();
      text += joined.slice(last, match.index);
    }
    const charset = (match[1] ?? '').split('*')[0] ?? '';
    const octets = decodeWordBody(match[2] ?? '', match[3] ?? '');
    // Many senders cut a multi-octet character in two words, which RFC 2047 §5 forbids: decoded together it is whole.
    const run = runs.at(-1);
    if (run !== undefined && run.charset.toLowerCase() === charset.toLowerCase()) run.octets.push(octets);
    else runs.push({ charset, octets: [octets] });
    last = match.index + match[0].length;
  }
  flush();
  return text + joined.slice(last);
}

function decodeWordBody(encoding: string, body: string): Buffer {
  if (encoding.toLowerCase() === 'b') return Buffer.from(body, 'base64');
  const octets = body
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, 'latin1');
}
