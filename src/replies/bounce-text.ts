import type { Stage } from '../events/index.ts';
import { longestReplyChars, withoutLocalParts } from './reply-text.ts';

/** What a returned mail says of one recipient. */
export type BounceText = {
  /** The receiver's words, with or without the reply in them; may be empty. */
  readonly text: string;
  readonly replyCode: number | null;
  /** Enhanced status code. */
  readonly status: string | null;
  readonly stage: Stage | null;
  readonly mxHost: string | null;
  readonly domain: string | null;
};

/**
 * The line that rules see. A reply that stands behind a report's own words (`host mx.example.jp said: 550 …`) is put
 * first, as if the server had said it to us, and those words behind it: rules know how servers begin, and a reason that
 * the reporting server gives besides (`expired after 5 days; last reply: …`) is still there.
 */
export function bounceSubjectOf({ text, replyCode }: BounceText): string {
  const line = text
    .slice(0, longestReplyChars)
    .replaceAll(/[\s\0]+/g, ' ')
    .trim();
  const words = withoutLocalParts(line);
  if (replyCode === null) return words;
  const code = String(replyCode);
  const at = placeOfCode(words, code);
  if (at === 0) return words.replace(`${code}-`, `${code} `);
  if (at < 0) return words === '' ? code : `${code} ${words}`;
  const reply = words.slice(at).replace(`${code}-`, `${code} `);
  return `${reply} | ${words.slice(0, at).trimEnd()}`;
}

/** Where the reply begins: the code as a word by itself, not a part of an address or a number. */
function placeOfCode(words: string, code: string): number {
  for (let at = words.indexOf(code); at >= 0; at = words.indexOf(code, at + 1)) {
    const before = at === 0 ? ' ' : words.charAt(at - 1);
    const after = words.charAt(at + code.length);
    if (!/[\w.@/-]/.test(before) && (after === '' || after === ' ' || after === '-')) return at;
  }
  return -1;
}
