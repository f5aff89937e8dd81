import { decodeCharset, isUtf7 } from './charset.ts';
import type { RawField } from './header.ts';
import { rawValue, readableValue } from './header.ts';
import { decodeTransfer } from './transfer-encoding.ts';

/** A node of a mail: a leaf with a body, a multipart with its parts, or a message within a message. */
export type MimePart = {
  readonly fields: readonly RawField[];
  /** Lower case, `text/plain` where nothing is said (RFC 2045 §5.2). */
  readonly mediaType: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Content-Transfer-Encoding in lower case. */
  readonly encoding: string;
  /** The parts of a multipart; of message/rfc822 and its kin the one mail within. */
  readonly parts: readonly MimePart[];
  /** Everything after the header, line feeds alone, octets as characters, still encoded. */
  readonly rawBody: string;
};

/** The body as octets, transfer encoding undone. */
export function bodyOctets(part: MimePart, atMostOctets: number): Buffer {
  return decodeTransfer(part.rawBody, part.encoding, atMostOctets);
}

// oxlint-disable-next-line no-control-regex -- octets beyond ASCII, and ESC
const needsCharset = /[\u0080-\u00ff\u001b]/;

/** The body as text with line feeds alone: transfer encoding and charset undone. Never throws. */
export function bodyText(part: MimePart, atMostOctets: number): string {
  const charset = part.parameters.get('charset') ?? null;
  const plain = part.encoding !== 'base64' && part.encoding !== 'quoted-printable' && !isUtf7(charset);
  if (plain && !needsCharset.test(part.rawBody.slice(0, atMostOctets)))
    return part.rawBody.slice(0, atMostOctets);
  const text = decodeCharset(bodyOctets(part, atMostOctets), charset);
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
}

/** A header field for people, encoded words decoded; null when there is none. */
export function headerText(part: MimePart, name: string): string | null {
  const value = rawValue(part.fields, name);
  return value === null ? null : readableValue(value);
}
