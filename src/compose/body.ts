import { hash } from 'node:crypto';
import { encodeQuotedPrintable, tokenField } from '../protocol/message/index.ts';
import type { HeaderField } from '../protocol/message/index.ts';

export type Body = {
  /** Content-Type and, for a single part, Content-Transfer-Encoding. */
  readonly fields: readonly HeaderField[];
  readonly bytes: Buffer;
};

const plainType = tokenField('Content-Type', ['text/plain;', 'charset=utf-8']);
const htmlType = tokenField('Content-Type', ['text/html;', 'charset=utf-8']);
const encodingField = tokenField('Content-Transfer-Encoding', ['quoted-printable']);

const plainHead = `${plainType.line}\r\n${encodingField.line}\r\n\r\n`;
const htmlHead = `${htmlType.line}\r\n${encodingField.line}\r\n\r\n`;
const lineEnd = Buffer.from('\r\n', 'latin1');

/** The body of a message in UTF-8 and quoted-printable: both parts as multipart/alternative, or the one there is. */
export function makeBody(text: string | null, html: string | null, messageId: string): Body {
  if (text !== null && html !== null) return alternative(text, html, messageId);
  const type = html === null ? plainType : htmlType;
  const bytes = encodeQuotedPrintable(html ?? text ?? '');
  // The SMTP client needs CRLF at the end; a text that lacks it gains one line end, which no reader shows.
  const ended = bytes.length >= 2 && bytes.at(-1) === 0x0a;
  return { fields: [type, encodingField], bytes: ended ? bytes : Buffer.concat([bytes, lineEnd]) };
}

function alternative(text: string, html: string, messageId: string): Body {
  const boundary = boundaryFor(messageId);
  const type = tokenField('Content-Type', ['multipart/alternative;', `boundary="${boundary}"`]);
  // RFC 2046 §5.1.4: in the order of increasing faithfulness, so text first. The CRLF before a delimiter belongs to it.
  const bytes = Buffer.concat([
    Buffer.from(`--${boundary}\r\n${plainHead}`, 'latin1'),
    encodeQuotedPrintable(text),
    Buffer.from(`\r\n--${boundary}\r\n${htmlHead}`, 'latin1'),
    encodeQuotedPrintable(html),
    Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'),
  ]);
  return { fields: [type], bytes };
}

/**
 * `=_` occurs in no quoted-printable text (RFC 2045 §6.7), so no part can hold the boundary. The rest is made from the
 * Message-ID: the same at each attempt, and different from that of a message enclosed in this one.
 */
function boundaryFor(messageId: string): string {
  return `=_${hash('sha256', messageId, 'hex').slice(0, 24)}`;
}
