import { base64Octets, formatDate, textField, tokenField, writeBase64 } from '../message/index.ts';
import type { DsnFacts } from './dsn.ts';
import { dsnSubject, humanPart } from './human-part.ts';
import { statusPart } from './status-part.ts';

/** RFC 5322, CRLF; to be sent with the null reverse-path (RFC 3464 §2), so that nothing is ever sent about it. */
export type ComposedDsn = { readonly bytes: Buffer; readonly eightBit: boolean };

// What is returned whole: beyond it the headers do, since notices that are large bounce themselves.
const mostReturnedOctets = 1_000_000;
const mostHeaderOctets = 256 * 1_024;

/** Composes a delivery status notification: words for people, fields for programs, and the mail it is about. */
export function composeDsn(facts: DsnFacts): ComposedDsn {
  const returned = returnedPart(facts.original);
  const boundary = boundaryFor(facts, returned?.content ?? Buffer.alloc(0));
  const human = Buffer.from(humanPart(facts));
  const words = Buffer.alloc(base64Octets(human.length));
  writeBase64(words, human, 0);
  const eightBit = returned?.eightBit ?? false;
  const open = `--${boundary}\r\n`;
  const bytes = Buffer.concat([
    Buffer.from(header(facts, boundary, eightBit)),
    Buffer.from(
      `${open}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n`,
    ),
    words,
    // RFC 3464 §2.1: seven bits.
    Buffer.from(`\r\n${open}Content-Type: message/delivery-status\r\n\r\n${statusPart(facts)}`),
    ...(returned === null
      ? []
      : [
          Buffer.from(
            `\r\n${open}Content-Type: ${returned.type}\r\nContent-Transfer-Encoding: ${eightBit ? '8bit' : '7bit'}\r\n\r\n`,
          ),
          returned.content,
        ]),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { bytes, eightBit };
}

function header(facts: DsnFacts, boundary: string, eightBit: boolean): string {
  return [
    tokenField('From', ['Mail Delivery System', `<${facts.from}>`]).line,
    tokenField('To', [`<${facts.to}>`]).line,
    textField('Subject', dsnSubject(facts)).line,
    `Date: ${formatDate(facts.dateMs)}`,
    `Message-ID: ${facts.messageId}`,
    // RFC 3834 §5: nobody's vacation notice answers it.
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    // RFC 6522 §3
    `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"`,
    `Content-Transfer-Encoding: ${eightBit ? '8bit' : '7bit'}`,
    '',
    '',
  ].join('\r\n');
}

type Returned = { readonly type: string; readonly content: Buffer; readonly eightBit: boolean };

function returnedPart(original: DsnFacts['original']): Returned | null {
  if (original === null) return null;
  const { bytes } = original;
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, Math.min(end < 0 ? bytes.length : end + 2, mostHeaderOctets));
  // RFC 6533 §6: fields in UTF-8 make it message/global.
  const isGlobal = isEightBit(head);
  if (original.part === 'full' && bytes.length <= mostReturnedOctets)
    return {
      type: isGlobal ? 'message/global' : 'message/rfc822',
      content: bytes,
      eightBit: isEightBit(bytes),
    };
  return {
    type: isGlobal ? 'message/global-headers; charset=utf-8' : 'text/rfc822-headers',
    content: head,
    eightBit: isGlobal,
  };
}

function isEightBit(bytes: Buffer): boolean {
  return bytes.some((octet) => octet > 127);
}

/** RFC 2046 §5.1.1: one that does not stand in what is returned; whoever wrote that could know how we make them. */
function boundaryFor({ messageId }: DsnFacts, content: Buffer): string {
  const base = `=_${messageId.replaceAll(/[^A-Za-z0-9-]/g, '').slice(0, 40)}`;
  for (let turn = 0; ; turn += 1) {
    const boundary = `${base}-${turn}`;
    if (!content.includes(`--${boundary}`)) return boundary;
  }
}
