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

/** To. The local part is as meant, unquoted: `a..b@docomo.ne.jp` becomes `"a..b"@docomo.ne.jp`. */
export function recipientField(address: string): HeaderField | ComposeFailure {
  const read = readRecipient(address);
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

export function stampFields(stamp: Stamp, offsetMinutes: number): StampFields | ComposeFailure {
  const { messageId, dateMs, unsubscribe, feedbackId } = stamp;
  if (!isMessageId(messageId)) return unusable('Message-ID', messageId);
  const list = unsubscribe === null ? [] : unsubscribeFields(unsubscribe);
  if (list === null) return unusable('List-Unsubscribe', JSON.stringify(unsubscribe));
  const feedback = feedbackId === null ? [] : [feedbackIdField(feedbackId)];
  const usable = feedback.filter((field) => field !== null);
  if (usable.length < feedback.length) return unusable('Feedback-ID', feedbackId ?? '');
  return {
    date: tokenField('Date', [formatDate(dateMs, offsetMinutes)]),
    rest: [tokenField('Message-ID', [messageId]), ...list, ...usable],
  };
}

function unusable(field: string, value: string): ComposeFailure {
  const shown = JSON.stringify(value.slice(0, 200));
  return failureOf({ ja: `${field} に使えない値です: ${shown}`, en: `not usable as ${field}: ${shown}` });
}
