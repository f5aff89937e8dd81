import { hash } from 'node:crypto';
import type { HeaderField } from '../protocol/message/index.ts';
import type { ComposeFailure } from './compose-failure.ts';
import { tooLarge } from './compose-failure.ts';
import { layOut } from './mail-body.ts';
import { mailFields } from './mail-fields.ts';

/** A file that goes along. */
export type MailAttachment = {
  /** As the application names it; what receivers see is made safe (`safeFileName`). */
  readonly filename: string;
  /** null: found by the file name. */
  readonly contentType: string | null;
  readonly content: Buffer;
  /** `cid:…` in the HTML shows it; without brackets. */
  readonly contentId: string | null;
  /** To be shown within the mail rather than listed below it. */
  readonly inline: boolean;
};

/** One mail as an application asks for it; every value comes from outside. */
export type MailRequest = {
  /** `Name <local@domain>` or a bare address; so are the other addresses. */
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly replyTo: readonly string[];
  readonly subject: string;
  readonly html: string | null;
  /** null with HTML: made from it. */
  readonly text: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly MailAttachment[];
  readonly unsubscribe: { readonly url: string; readonly mailto: string } | null;
};

/** Message-ID is `<id@domain>`. */
export type MailStamp = { readonly id: string; readonly domain: string; readonly dateMs: number };

/** RFC 5322 message with CRLF line ends, ending in CRLF, not signed yet. */
export type ComposedMail = {
  readonly bytes: Buffer;
  readonly eightBit: boolean;
  readonly smtpUtf8: boolean;
};

// Gmail takes 50 MB, which is more than most: what is larger reaches hardly anybody.
const largestMailOctets = 52_428_800;

/**
 * A request as the bytes that will leave, or what is wrong with it (`field` says where). No value of the request can start a
 * header field or a part.
 */
export function composeMail(request: MailRequest, stamp: MailStamp): ComposedMail | ComposeFailure {
  const fields = mailFields(request, stamp);
  if ('failure' in fields) return fields;
  const body = layOut(request, hash('sha256', `${stamp.id}@${stamp.domain}`, 'hex').slice(0, 24));
  if ('failure' in body) return body;
  const { text: head, utf8 } = headOf([...fields, ...body.fields]);
  const headOctets = utf8 ? Buffer.byteLength(head, 'utf8') : head.length;
  const octets = headOctets + body.octets;
  if (octets > largestMailOctets) return tooLarge(largestMailOctets);
  const bytes = Buffer.allocUnsafe(octets);
  bytes.write(head, utf8 ? 'utf8' : 'latin1');
  body.write(bytes, headOctets);
  return { bytes, eightBit: utf8, smtpUtf8: utf8 };
}

function headOf(fields: readonly HeaderField[]): { readonly text: string; readonly utf8: boolean } {
  let text = '';
  let utf8 = false;
  for (const field of fields) {
    text += `${field.line}\r\n`;
    utf8 ||= field.utf8;
  }
  return { text: `${text}\r\n`, utf8 };
}
