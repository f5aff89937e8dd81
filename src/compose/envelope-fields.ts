import { AppError } from '../base/index.ts';
import {
  findControl,
  formatDate,
  isMessageId,
  mailboxField,
  parseMailbox,
  readAddress,
  tokenField,
} from '../protocol/message/index.ts';
import type { HeaderField, Mailbox } from '../protocol/message/index.ts';
import { feedbackIdField, unsubscribeFields } from '../protocol/list-headers/index.ts';
import { failureOf } from './compose-failure.ts';
import type { ComposeFailure } from './compose-failure.ts';
import type { Content, Stamp } from './content.ts';

/** The fields that are the same in every message of a content. */
export type SenderFields = { readonly from: HeaderField; readonly replyTo: readonly HeaderField[] };

/** From and Reply-To as the person wrote them; what is wrong with them is an `AppError`. */
export function senderFields(content: Pick<Content, 'from' | 'replyTo'>): SenderFields {
  const from = mailboxField('From', [readSender('From', content.from)]);
  const replyTo =
    content.replyTo === null ? [] : [mailboxField('Reply-To', [readSender('Reply-To', content.replyTo)])];
  return { from, replyTo };
}

function readSender(field: 'From' | 'Reply-To', text: string): Mailbox {
  const parsed = parseMailbox(text);
  if (parsed.ok) return parsed.mailbox;
  const shown = JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
  throw new AppError({
    code: field === 'From' ? 'from-address' : 'reply-to-address',
    message: {
      ja: `${field} ${shown} は差出人として使えません: ${parsed.text.ja}`,
      en: `${field} ${shown} cannot be used: ${parsed.text.en}`,
    },
    hint: {
      ja: '「お店 <news@example.jp>」のように書いてください',
      en: 'write it as "Shop <news@example.com>"',
    },
  });
}

/** The subject's source must be one line: a second one would be an attempt at another header field, or a slip. */
export function checkSubjectSource(subject: string): void {
  const control = findControl(subject);
  if (control === null) return;
  throw new AppError({
    code: 'subject-control-character',
    message: {
      ja: `件名に制御文字(${control.name}、${control.index + 1} 文字目)が入っています`,
      en: `the subject holds a control character (${control.name} at position ${control.index + 1})`,
    },
    hint: { ja: '件名は1行で書いてください', en: 'write the subject on one line' },
  });
}

/** A rendered subject with a control in it came from a recipient's variable: that recipient fails, the others go. */
export function checkSubject(subject: string): ComposeFailure | null {
  // A tab, as spreadsheets leave behind, starts no line; `textField` writes it as a space.
  const control = findControl(subject.replaceAll('\t', ' '));
  if (control === null) return null;
  const text = {
    ja: `件名に入る値に制御文字(${control.name})が入っています`,
    en: `a value in the subject holds a control character (${control.name})`,
  };
  return { failure: text.en, text, at: { template: 'subject', line: 1 } };
}

// Most addresses: dot-atom local part and a domain that needs no conversion. 64: RFC 5321 §4.5.3.1.1.
const plainAddress = /^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@([a-z0-9.-]{1,250})$/;
const longestPlainAddress = 64;
// Reading a domain costs 1 µs, and few domains have most of the recipients.
const keptDomains = 1_024;
const readableDomains = new Set<string>();

/** To. The local part is as meant, unquoted: `a..b@docomo.ne.jp` becomes `"a..b"@docomo.ne.jp`. */
export function recipientField(address: string): HeaderField | ComposeFailure {
  const domain = address.length <= longestPlainAddress ? plainAddress.exec(address)?.[1] : undefined;
  if (domain !== undefined && readableDomains.has(domain)) return tokenField('To', [address]);
  const read = readRecipient(address);
  if (domain !== undefined && read?.domain === domain) {
    if (readableDomains.size >= keptDomains) readableDomains.clear();
    readableDomains.add(domain);
  }
  if (read === null) {
    const shown = JSON.stringify(address.slice(0, 120));
    return failureOf({
      ja: `宛先 ${shown} はアドレスとして使えません`,
      en: `the recipient ${shown} is not a usable address`,
    });
  }
  return mailboxField('To', [{ displayName: null, address: read }]);
}

function readRecipient(text: string): Mailbox['address'] | null {
  const read = readAddress(text);
  if (typeof read !== 'string') return read;
  // A stored local part is unquoted and may hold what only a quoted one can (RFC 5321 §4.1.2): read it as such.
  const at = text.lastIndexOf('@');
  if (read !== 'bad-local-part' || at < 1) return null;
  const quoted = readAddress(`"${text.slice(0, at).replaceAll(/["\\]/g, String.raw`\$&`)}"${text.slice(at)}`);
  return typeof quoted === 'string' ? null : quoted;
}

/** Date, Message-ID and the list fields of one message, in two groups around From and To. */
export type StampFields = { readonly date: HeaderField; readonly rest: readonly HeaderField[] };

/** Makes the fields of one stamp after the other; those of a second and a Feedback-ID are kept for the next. */
export function createStampFields(offsetMinutes: number): (stamp: Stamp) => StampFields | ComposeFailure {
  let second = Number.NaN;
  let date = tokenField('Date', []);
  let knownFeedbackId: string | null = null;
  let feedback: readonly HeaderField[] = [];
  return ({ messageId, dateMs, unsubscribe, feedbackId }) => {
    if (!isMessageId(messageId)) return unusable('Message-ID', messageId);
    const list = unsubscribe === null ? [] : unsubscribeFields(unsubscribe);
    if (list === null) return unusable('List-Unsubscribe', JSON.stringify(unsubscribe));
    if (feedbackId !== knownFeedbackId) {
      const field = feedbackId === null ? null : feedbackIdField(feedbackId);
      if (feedbackId !== null && field === null) return unusable('Feedback-ID', feedbackId);
      knownFeedbackId = feedbackId;
      feedback = field === null ? [] : [field];
    }
    if (Math.floor(dateMs / 1000) !== second) {
      second = Math.floor(dateMs / 1000);
      date = tokenField('Date', [formatDate(dateMs, offsetMinutes)]);
    }
    return { date, rest: [tokenField('Message-ID', [messageId]), ...list, ...feedback] };
  };
}

function unusable(field: string, value: string): ComposeFailure {
  const shown = JSON.stringify(value.slice(0, 200));
  return failureOf({ ja: `${field} に使えない値です: ${shown}`, en: `not usable as ${field}: ${shown}` });
}
