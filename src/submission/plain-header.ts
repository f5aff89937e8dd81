import { mailboxField, parseMailboxList, textField } from '../protocol/message/index.ts';
import { readableValue } from '../protocol/mime/index.ts';
import { valueOf } from './header-block.ts';
import type { HeaderLine } from './header-block.ts';

// Structured in other ways (RFC 2045, RFC 2183): an encoded-word has no meaning there.
const untouched = /^(?:content-|mime-|received$|dkim-|arc-|authentication-results$)/;
const addressed = new Set(['from', 'sender', 'reply-to', 'to', 'cc']);
// What textField takes as a name.
const ordinaryName = /^[A-Za-z][A-Za-z0-9-]{0,39}$/;

/**
 * A field with raw UTF-8 as one in ASCII (RFC 2047), so that every server takes it: applications write `Subject: ご注文` as it
 * is, and few receivers speak SMTPUTF8. null: it cannot be said in ASCII. RFC 6409 §8 lets a submission server mend mail.
 */
export function inAscii(field: HeaderLine): HeaderLine | null {
  const written = field.raw.slice(0, field.raw.indexOf(':'));
  if (untouched.test(field.name) || !ordinaryName.test(written)) return null;
  if (!addressed.has(field.name)) {
    return { name: field.name, raw: `${textField(written, valueOf(field)).line}\r\n` };
  }
  const mailboxes = parseMailboxList(valueOf(field));
  if (mailboxes === null || mailboxes.length === 0) return null;
  const { line, utf8 } = mailboxField(
    written,
    mailboxes.map(({ displayName, address }) => ({
      displayName: displayName === null ? null : decoded(displayName),
      address,
    })),
  );
  return utf8 ? null : { name: field.name, raw: `${line}\r\n` };
}

/** A name beside a raw one may be encoded already; the reader of encoded words takes octets as characters. */
function decoded(name: string): string {
  return readableValue(Buffer.from(name, 'utf8').toString('latin1'));
}
