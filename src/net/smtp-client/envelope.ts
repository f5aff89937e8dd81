import { formatPath, splitAddress } from '../../protocol/smtp/index.ts';
import type { Extensions, Transaction, TransactionResult } from './contract.ts';

/** The command lines of one transaction, each with its CRLF. */
export type Envelope = { readonly mail: string; readonly rcpt: string };

type Unsendable = Extract<TransactionResult, { kind: 'unsendable' }>;

// oxlint-disable-next-line no-control-regex -- the range is ASCII itself
const beyondAscii = /[^\u0000-\u007f]/;

/** Writes MAIL and RCPT for what the server offers, or says why it cannot take this message. */
export function writeEnvelope(transaction: Transaction, extensions: Extensions): Envelope | Unsendable {
  const from = transaction.from === '' ? '<>' : pathOf(transaction.from); // RFC 5321 §4.5.5: null reverse-path
  const to = pathOf(transaction.to);
  if (from === null || to === null) {
    const address = from === null ? transaction.from : transaction.to;
    return unsendable('compose-failed', `${JSON.stringify(address)} cannot be written in an SMTP command`);
  }
  const needsUtf8 = transaction.smtpUtf8 || beyondAscii.test(to) || beyondAscii.test(from);
  if (needsUtf8 && !extensions.smtpUtf8) {
    return unsendable('smtputf8-unavailable', 'the message needs SMTPUTF8, which the server does not offer');
  }
  const requireTls = transaction.requireTls === true;
  if (requireTls && !extensions.requireTls) {
    return unsendable(
      'requiretls-unavailable',
      'the message may travel over proven TLS only (REQUIRETLS), and this server does not offer that',
    );
  }
  const octets = transaction.body.length;
  const limit = extensions.sizeOctets;
  if (limit !== null && octets > limit) {
    return unsendable('size-exceeded', `the message has ${octets} octets, the server takes up to ${limit}`);
  }
  let parameters = '';
  // RFC 1870 §3: counted with CRLF, without the stuffed dots and the final one.
  if (limit !== null) parameters += ` SIZE=${octets}`;
  if (transaction.eightBit && extensions.eightBitMime) parameters += ' BODY=8BITMIME'; // RFC 6152 §3
  if (needsUtf8) parameters += ' SMTPUTF8'; // RFC 6531 §3.4
  if (requireTls) parameters += ' REQUIRETLS'; // RFC 8689 §4.1
  return { mail: `MAIL FROM:${from}${parameters}\r\n`, rcpt: `RCPT TO:${to}\r\n` };
}

function pathOf(address: string): string | null {
  const parts = splitAddress(address);
  return parts === null ? null : formatPath(parts.localPart, parts.domain);
}

function unsendable(cause: Unsendable['cause'], text: string): Unsendable {
  return { kind: 'unsendable', cause, text };
}
