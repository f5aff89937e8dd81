import { oneLine } from './control-characters.ts';
import { encodeWords } from './encoded-word.ts';

declare const made: unique symbol;

/**
 * One header field, folded, safe to write. Only the functions of this room make one, and each of them encodes or drops
 * CR, LF, NUL and the other controls: a value cannot start another field.
 */
export type HeaderField = {
  readonly name: string;
  /** `Name: value` with its folds, without the final CRLF. */
  readonly line: string;
  /** The line holds UTF-8 (RFC 6532) and may only travel under SMTPUTF8. */
  readonly utf8: boolean;
  readonly [made]: true;
};

// RFC 5322 §2.1.1: lines SHOULD be no more than 78 characters; RFC 2047 §2: 76 where an encoded-word stands.
const longestLineChars = 78;
const longestEncodedLineChars = 76;
// RFC 5322 §2.1.1: lines MUST be no more than 998 characters.
const longestPossibleLineChars = 998;

// RFC 5322 §2.2: printable US-ASCII except colon. The length keeps `Name: =?utf-8?B?…` on one line.
const fieldName = /^[A-Za-z][A-Za-z0-9-]{0,39}$/;
const printableAscii = /^[\x20-\x7e]*$/;

function make(name: string, line: string, utf8: boolean): HeaderField {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the brand is a type only; this is the one place that grants it
  return { name, line, utf8 } as HeaderField;
}

function checkName(name: string): void {
  // Names are written in our code, never by users: a bad one is a bug.
  if (!fieldName.test(name)) throw new TypeError(`not a header field name: ${JSON.stringify(name)}`);
}

/** A field of free text (RFC 5322 §3.6.5 unstructured): Subject, Comments. Non-ASCII becomes encoded-words (RFC 2047). */
export function textField(name: string, text: string): HeaderField {
  checkName(name);
  const value = oneLine(text).trim();
  const room = longestLineChars - name.length - 2;
  if (!readsBackAsItIs(value, room)) {
    const words = encodeWords(value, longestEncodedLineChars - name.length - 2);
    return make(name, `${name}: ${words.join('\r\n ')}`, false);
  }
  // On one line there is nothing to fold; most subjects in ASCII are that short.
  if (value !== '' && value.length <= room) return make(name, `${name}: ${value}`, false);
  return tokenField(name, value.split(' '));
}

/** Plain text survives folding at single spaces; what looks like an encoded-word, or cannot be folded, does not. */
function readsBackAsItIs(value: string, room: number): boolean {
  if (!printableAscii.test(value) || value.includes('=?') || value.includes('  ')) return false;
  return value.split(' ').every((word) => word.length <= room);
}

/**
 * A structured field out of tokens that are joined by one space and folded between tokens only. A token holds its own
 * syntax; controls in it are neutralised all the same.
 */
export function tokenField(name: string, tokens: readonly string[]): HeaderField {
  checkName(name);
  let line = `${name}:`;
  let column = line.length;
  let utf8 = false;
  for (const raw of tokens) {
    // What is printable ASCII has nothing to neutralise: one look instead of several (0.1 µs a field).
    const ascii = printableAscii.test(raw);
    const token = ascii ? raw : oneLine(raw);
    if (token === '') continue;
    utf8 ||= !ascii && !printableAscii.test(token);
    const fits = column + 1 + token.length <= longestLineChars;
    // A line of nothing but the name confuses old servers, so the first token stays on it while RFC 5322 allows.
    const first = column === name.length + 1 && column + 1 + token.length <= longestPossibleLineChars;
    if (fits || first) {
      line += ` ${token}`;
      column += 1 + token.length;
    } else {
      line += `\r\n ${token}`;
      column = 1 + token.length;
    }
  }
  return make(name, line, utf8);
}
