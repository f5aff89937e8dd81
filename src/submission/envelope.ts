import type { SMTPServerAddress, SMTPServerEnvelope } from 'smtp-server';
import type { AccessKey } from '../access/index.ts';
import type { Refusal } from '../net/smtp-server/index.ts';
import type { NewMailRecipient, NoticeRequest } from '../outbox/index.ts';
import { formatAddress, readAddress } from '../protocol/message/index.ts';
import type { Address } from '../protocol/message/index.ts';
import { permittedDomain } from './permission.ts';
import type { SubmissionEnvelope, SubmissionRules } from './ports.ts';
import { refusals } from './refusals.ts';

// RFC 3461 §4: longest ENVID and ORCPT, in characters of the parameter.
const longestEnvelopeId = 100;
const longestOriginal = 500;
// oxlint-disable-next-line no-control-regex -- what is not ASCII is sought
const beyondAscii = /[^\u0000-\u007f]/;

/** Whether MAIL FROM may be said; null: it may. The null reverse-path may: nobody is told of what becomes of it. */
export function senderRefusal(
  address: string,
  envelope: SMTPServerEnvelope,
  { key, rules }: { readonly key: AccessKey; readonly rules: SubmissionRules },
): Refusal | null {
  if ((envelope.dsn?.envid ?? '').length > longestEnvelopeId) return refusals.badEnvelopeId;
  if (address === '') return null;
  const read = readAddress(address);
  if (typeof read === 'string') return refusals.badSender;
  if (lacksUtf8(read, envelope)) return refusals.needsUtf8;
  const domain = permittedDomain(key, read.domain, rules.sendingDomain);
  return domain === null ? refusals.foreignSender : null;
}

/** Whether RCPT TO may be said; null: it may. */
export function recipientRefusal(recipient: SMTPServerAddress, envelope: SMTPServerEnvelope): Refusal | null {
  if ((recipient.dsn?.orcpt ?? '').length > longestOriginal) return refusals.badOriginal;
  const read = readAddress(recipient.address);
  if (typeof read === 'string') return refusals.badRecipient;
  return lacksUtf8(read, envelope) ? refusals.needsUtf8 : null;
}

function lacksUtf8({ localPart }: Address, envelope: SMTPServerEnvelope): boolean {
  return envelope.smtpUtf8 !== true && beyondAscii.test(localPart);
}

/** What was checked, as the rest of the room takes it. */
export function envelopeOf(envelope: SMTPServerEnvelope): SubmissionEnvelope {
  const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
  return {
    sender: from === '' ? null : canonical(from),
    envelopeId: envelope.dsn?.envid ?? null,
    // RFC 3461 §4.3 leaves it to us when nothing is asked: headers are enough to know a mail again.
    returns: envelope.dsn?.ret === 'FULL' ? 'full' : 'headers',
    requireTls: envelope.requireTLS === true,
    smtpUtf8: envelope.smtpUtf8 === true,
    recipients: envelope.rcptTo.flatMap((recipient) => recipientOf(recipient) ?? []),
  };
}

function recipientOf(recipient: SMTPServerAddress): NewMailRecipient | null {
  const read = readAddress(recipient.address);
  // Refused at RCPT.
  if (typeof read === 'string') return null;
  return { address: formatAddress(read), domain: read.domain, body: 0, notice: noticeOf(recipient) };
}

function noticeOf({ dsn }: SMTPServerAddress): NoticeRequest | null {
  if (dsn === undefined) return null;
  // RFC 3461 §4.1: without NOTIFY, failure and perhaps delay.
  const words = dsn.notify?.map((word) => word.toLowerCase()) ?? ['failure', 'delay'];
  const asked = (['success', 'failure', 'delay'] as const).filter((word) => words.includes(word));
  return { notify: words.includes('never') ? 'never' : asked, originalRecipient: dsn.orcpt ?? null };
}

function canonical(address: string): string {
  const read = readAddress(address);
  return typeof read === 'string' ? address : formatAddress(read);
}

/** Addresses as recipients of a mail; the first that is none. */
export function recipientsOf(
  addresses: readonly string[],
  notify: readonly string[] | null,
): readonly NewMailRecipient[] | string {
  const recipients = new Map<string, NewMailRecipient>();
  for (const address of addresses) {
    const dsn = notify === null ? undefined : { notify: [...notify] };
    const recipient = recipientOf({ address, args: false, dsn });
    if (recipient === null) return address;
    recipients.set(recipient.address, recipient);
  }
  return [...recipients.values()];
}
