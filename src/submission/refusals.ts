import { serverRefusals } from '../net/smtp-server/index.ts';
import type { Refusal } from '../net/smtp-server/index.ts';

// RFC 3463 §3 and RFC 5248; whoever set the client up has nothing but this line, so each says what to do.
export const refusals = {
  ...serverRefusals,
  tooManyFailures: { code: 421, text: '4.7.0 Too many failed logins from your address, try again later' },
  stopping: { code: 421, text: '4.3.2 Shutting down, try again later' },
  // RFC 4954 §6
  needsTls: { code: 538, text: '5.7.11 Encryption required: send STARTTLS first' },
  needsLogin: {
    code: 530,
    text: '5.7.0 Authentication required: the password is an access key (todoku key create)',
  },
  wrongLogin: {
    code: 535,
    text: '5.7.8 Authentication failed: the password is an access key (todoku key create)',
  },
  lacksScope: { code: 535, text: '5.7.8 This access key may not send: it lacks the scope messages:send' },
  revoked: { code: 421, text: '4.7.0 This access key is no longer valid, log in again' },
  // RFC 5248 §2.2: X.7.28 mail flood detected
  tooFast: { code: 450, text: '4.7.28 Too many mails of this access key in a minute, try again later' },
  badSender: { code: 553, text: '5.1.7 The sender is no usable address' },
  foreignSender: { code: 553, text: '5.7.1 This access key may not send for the domain of MAIL FROM' },
  badRecipient: { code: 553, text: '5.1.3 The recipient is no usable address: local@domain' },
  // RFC 6531 §3.5
  needsUtf8: { code: 553, text: '5.6.7 A non-ASCII address needs SMTPUTF8' },
  badEnvelopeId: { code: 501, text: '5.5.4 ENVID is longer than 100 characters: RFC 3461 section 4' },
  badOriginal: { code: 501, text: '5.5.4 ORCPT is longer than 500 characters: RFC 3461 section 4' },
  largerThanSaid: { code: 552, text: '5.3.4 Message larger than the SIZE that MAIL FROM declared' },
  tooSlow: { code: 421, text: '4.4.2 The message took too long, closing connection' },
  // RFC 5321 §2.3.8 and §4.1.1.4; the connection ends, since what follows may be meant as commands.
  bareLineEnd: { code: 521, text: '5.5.2 CR or LF alone: lines end with CR LF, RFC 5321 section 2.3.8' },
  nul: { code: 554, text: '5.6.0 The message has a NUL octet: RFC 5321 section 4.5.2' },
  longLine: {
    code: 554,
    text: '5.6.0 A line is longer than 998 octets: encode the text as quoted-printable or base64',
  },
  longHeader: { code: 554, text: '5.6.0 The header is too long' },
  badHeader: { code: 554, text: '5.6.0 The header has a line that is no header field: RFC 5322 section 2.2' },
  headerCharset: {
    code: 554,
    text: '5.6.7 The header has octets that are no UTF-8: encode them by RFC 2047',
  },
  noAuthor: {
    code: 554,
    text: '5.6.0 The header needs one From field with an address: RFC 5322 section 3.6.2',
  },
  foreignAuthor: { code: 550, text: '5.7.1 This access key may not send for the domain of the From field' },
  foreignSubmitter: {
    code: 550,
    text: '5.7.1 This access key may not send for the domain of the Sender field',
  },
  // RFC 5321 §6.3
  loop: { code: 554, text: '5.4.6 Too many Received fields: this mail runs in circles' },
} as const satisfies Readonly<Record<string, Refusal>>;

/** RFC 5322 §3.6: at most one of each; receivers refuse what has two (Gmail: 5.7.1), or show one and check the other. */
export function repeatedField(name: string): Refusal {
  return { code: 554, text: `5.6.0 The header has two ${name} fields: RFC 5322 section 3.6` };
}
