import type { Stage } from '../events/index.ts';
import { lineOf, longestReplyChars } from '../knowledge/index.ts';

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

/** What rules see of a bounce: the server's own words, and everything with the words around them when there are such. */
export type BounceLines = { readonly reply: string; readonly whole: string | null };

// Where a report stops speaking for itself and quotes the receiver.
const quoting =
  /(?:\bsaid|responded with|response (?:from the remote (?:mail )?server )?was|error (?:message )?(?:that the other server returned )?was|error message|reason(?: was)?): /i;

// Postfix names the command that was answered: not the receiver's words, in which `MAIL FROM` would be of the sender.
const commandNamed = /\s\(in\s+reply\s+to\s+(?:end\s+of\s+)?[A-Z]{4}(?:\s+[A-Z]{2,4})?\s+command\)/g;

/**
 * The lines to judge. A reply that stands behind a report's own words (`host mx.example.jp said: 550 …`) is judged first,
 * by itself, as if the server had said it to us: rules know how servers begin, and a report's usual words (`was rejected by
 * the recipient domain`) must not pass for the reason. Only when the reply says nothing the whole text is asked.
 */
export function bounceLinesOf({ text, replyCode, status }: BounceText): BounceLines {
  const bounded = text.slice(0, longestReplyChars).replaceAll(commandNamed, '');
  const at = replyCode === null ? placeAfterQuoting(bounded) : placeOfCode(bounded, String(replyCode));
  const reply = lineOf({ text: at > 0 ? bounded.slice(at) : bounded, code: replyCode, status });
  return { reply, whole: at > 0 ? lineOf({ text: bounded, code: replyCode, status }) : null };
}

function placeAfterQuoting(text: string): number {
  const found = quoting.exec(text);
  return found === null ? 0 : found.index + found[0].length;
}

/** Where the reply begins: the code as a word by itself, not a part of an address or a number; 0 when it is not there. */
function placeOfCode(words: string, code: string): number {
  for (let at = words.indexOf(code); at >= 0; at = words.indexOf(code, at + 1)) {
    const before = at === 0 ? ' ' : words.charAt(at - 1);
    const after = words.charAt(at + code.length);
    if (!/[\w.@/-]/.test(before) && (after === '' || after === '-' || /\s/.test(after))) return at;
  }
  return 0;
}
