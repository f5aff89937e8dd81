import { decodeCharset } from './charset.ts';
import { decodeWords } from './encoded-word.ts';

/** One header field: the name in lower case, the value unfolded, octets as characters. */
export type RawField = { readonly name: string; readonly value: string };

export type Header = {
  readonly fields: readonly RawField[];
  /** Where in the text the body begins. */
  readonly end: number;
};

// RFC 5322 §2.2: a name is printable ASCII without colon; blanks before the colon are its obsolete form (§4.5).
const fieldStart = /^([!-9;-~]{1,100})[ \t]*:/;

export type HeaderBounds = {
  readonly fields: number;
  readonly headerChars: number;
  readonly valueChars: number;
};

/**
 * Reads a header block of `text` (line feeds alone). Lenient: a line that is no field ends the header, as if the empty line
 * had been forgotten; an mbox separator before the first field is skipped.
 */
export function readHeader(text: string, from: number, bounds: HeaderBounds): Header {
  const fields: { name: string; value: string }[] = [];
  let position = from;
  let first = true;
  while (position < text.length) {
    if (position - from > bounds.headerChars) return { fields, end: position };
    const found = text.indexOf('\n', position);
    const lineEnd = found < 0 ? text.length : found;
    const line = text.slice(position, Math.min(lineEnd, position + bounds.valueChars));
    if (line === '' || (line.length < 80 && line.trim() === '')) {
      // Blank lines before the first field are a relay's, not the end of a header.
      if (!first) return { fields, end: Math.min(text.length, lineEnd + 1) };
      position = lineEnd + 1;
      continue;
    }
    const folded = line.charCodeAt(0) === 32 || line.charCodeAt(0) === 9;
    const match = folded ? null : fieldStart.exec(line);
    if (folded && !first) append(fields, line, bounds);
    else if (match !== null) {
      if (fields.length < bounds.fields)
        fields.push({ name: (match[1] ?? '').toLowerCase(), value: line.slice(match[0].length).trim() });
    } else if (!(first && /^>?From /.test(line))) return { fields, end: position };
    if (match !== null || !/^>?From /.test(line)) first = false;
    position = lineEnd + 1;
  }
  return { fields, end: text.length };
}

function append(fields: { name: string; value: string }[], line: string, bounds: HeaderBounds): void {
  const last = fields.at(-1);
  if (last === undefined || last.value.length >= bounds.valueChars) return;
  last.value = `${last.value} ${line.trim()}`.slice(0, bounds.valueChars);
}

/** The value of the first field of that name, octets as characters; null when there is none. */
export function rawValue(fields: readonly RawField[], name: string): string | null {
  return fields.find((field) => field.name === name)?.value ?? null;
}

/** The value for people: encoded words decoded, raw octets read as UTF-8 or as what they look like. */
export function readableValue(value: string): string {
  // oxlint-disable-next-line no-control-regex -- ESC begins the escape sequences of ISO-2022-JP (RFC 1468)
  const text = /[\u0080-\u00ff\u001b]/.test(value)
    ? decodeCharset(Buffer.from(value, 'latin1'), null)
    : value;
  return text.includes('=?') ? decodeWords(text) : text;
}
