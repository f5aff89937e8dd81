import { hash } from 'node:crypto';
import { QuotedPrintableWriter, tokenField } from '../protocol/message/index.ts';
import type { HeaderField } from '../protocol/message/index.ts';
import type { Output } from './render-frame.ts';

export type BodyForm = {
  /** Content-Type and, for a single part, Content-Transfer-Encoding. */
  readonly fields: readonly HeaderField[];
  /** Writes both parts as multipart/alternative, or the one there is. null: more octets than allowed. */
  readonly write: (text: readonly Output[] | null, html: readonly Output[] | null) => Buffer | null;
};

const plainType = tokenField('Content-Type', ['text/plain;', 'charset=utf-8']);
const htmlType = tokenField('Content-Type', ['text/html;', 'charset=utf-8']);
const encodingField = tokenField('Content-Transfer-Encoding', ['quoted-printable']);

const plainHead = `${plainType.line}\r\n${encodingField.line}\r\n\r\n`;
const htmlHead = `${htmlType.line}\r\n${encodingField.line}\r\n\r\n`;

/**
 * The body of all messages of one content, in UTF-8 and quoted-printable. What `write` returns is valid until it is called
 * again: the bytes of one message are written over by those of the next.
 */
export function createBodyForm(
  parts: 'text' | 'html' | 'alternative',
  options: { readonly source: string; readonly largestOctets: number },
): BodyForm {
  const writer = new QuotedPrintableWriter();
  const { largestOctets } = options;
  if (parts !== 'alternative') {
    const type = parts === 'html' ? htmlType : plainType;
    return {
      fields: [type, encodingField],
      write(text, html) {
        writer.clear();
        if (!writePart(writer, html ?? text ?? [], { escaping: html !== null, largestOctets })) return null;
        // The SMTP client needs CRLF at the end; a text that lacks it gains one line end, which no reader shows.
        writer.endLine();
        if (writer.length === 0) writer.octets(emptyLine);
        return writer.written;
      },
    };
  }
  const boundary = boundaryFor(options.source);
  // RFC 2046 §5.1.4: in the order of increasing faithfulness, so text first. §5.1.1: the CRLF before a delimiter belongs to it.
  const opening = Buffer.from(`--${boundary}\r\n${plainHead}`, 'latin1');
  const between = Buffer.from(`\r\n--${boundary}\r\n${htmlHead}`, 'latin1');
  const closing = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1');
  return {
    fields: [tokenField('Content-Type', ['multipart/alternative;', `boundary="${boundary}"`])],
    write(text, html) {
      writer.clear();
      writer.octets(opening);
      if (!writePart(writer, text ?? [], { escaping: false, largestOctets })) return null;
      writer.octets(between);
      if (!writePart(writer, html ?? [], { escaping: true, largestOctets })) return null;
      writer.octets(closing);
      return writer.written;
    },
  };
}

const emptyLine = Buffer.from('\r\n', 'latin1');

/** false: more octets than allowed. */
function writePart(
  writer: QuotedPrintableWriter,
  outputs: readonly Output[],
  { escaping, largestOctets }: { readonly escaping: boolean; readonly largestOctets: number },
): boolean {
  for (const output of outputs) {
    if (typeof output === 'string') writer.text(output, escaping);
    else if ('raw' in output) writer.text(output.raw, false);
    else writer.piece(output);
    if (writer.length > largestOctets) return false;
  }
  writer.endText();
  return true;
}

/**
 * `=_` occurs in no quoted-printable text (RFC 2045 §6.7), so no part can hold the boundary. The rest is made from the
 * content: the same at each attempt, and a message of this content encloses no other of it.
 */
function boundaryFor(source: string): string {
  return `=_${hash('sha256', source, 'hex').slice(0, 24)}`;
}
