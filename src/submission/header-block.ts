import { isUtf8 } from 'node:buffer';
import type { Refusal } from '../net/smtp-server/index.ts';
import { refusals } from './refusals.ts';

/** One field as it came: its lines, folds and all, with the CRLF at the end; octets as characters. */
export type HeaderLine = {
  /** Lower case. */
  readonly name: string;
  readonly raw: string;
};

export type HeaderReading =
  | { readonly ok: true; readonly fields: readonly HeaderLine[] }
  | { readonly ok: false; readonly refusal: Refusal };

// Long lists of recipients and a dozen DKIM and ARC signatures take 50 KB.
const mostHeaderOctets = 256 * 1_024;
const mostFields = 1_000;
// RFC 5322 §2.2. Blanks before the colon are obsolete (§4.5), and programs differ over what such a field is.
const fieldName = /^([!-9;-~]{1,100}):/;

/** Reads the header strictly: whoever submits can mend it, and what is read differently elsewhere is how mail is forged. */
export function readHeaderBlock(block: Buffer): HeaderReading {
  if (block.length > mostHeaderOctets) return { ok: false, refusal: refusals.longHeader };
  if (!isUtf8(block)) return { ok: false, refusal: refusals.headerCharset };
  const fields: { name: string; raw: string }[] = [];
  const text = block.toString('latin1');
  for (let from = 0; from < text.length;) {
    const found = text.indexOf('\r\n', from);
    const end = found < 0 ? text.length : found + 2;
    const line = text.slice(from, end);
    from = end;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      const last = fields.at(-1);
      // A folded line of blanks alone (§4.2, obsolete) ends the header for some programs and not for others.
      if (last === undefined || line.trim() === '') return { ok: false, refusal: refusals.badHeader };
      last.raw += line;
      continue;
    }
    const name = fieldName.exec(line)?.[1];
    if (name === undefined) return { ok: false, refusal: refusals.badHeader };
    if (fields.length >= mostFields) return { ok: false, refusal: refusals.longHeader };
    fields.push({ name: name.toLowerCase(), raw: line });
  }
  return { ok: true, fields };
}

/** The value unfolded (RFC 5322 §2.2.3), as text. */
export function valueOf({ raw }: HeaderLine): string {
  const value = raw.slice(raw.indexOf(':') + 1).replaceAll(/\r\n(?=[ \t])/g, '');
  return Buffer.from(value, 'latin1').toString('utf8').trim();
}
