import { unsubscribeFields } from '../protocol/list-headers/index.ts';
import {
  findControl,
  formatDate,
  isMessageId,
  mailboxField,
  parseMailbox,
  textField,
  tokenField,
} from '../protocol/message/index.ts';
import type { HeaderField, Mailbox } from '../protocol/message/index.ts';
import type { ComposeFailure } from './compose-failure.ts';
import { faultAt } from './compose-failure.ts';
import { extraFields } from './extra-fields.ts';
import type { MailRequest, MailStamp } from './mail.ts';

// As many as one mail may have recipients; a header longer than that is refused by receivers.
const mostMailboxes = 1_000;
// RFC 5322 sets none; Gmail cuts a header of more than this many characters, and no list shows that much.
const longestSubjectChars = 2_000;

/** All fields but those of the body. */
export function mailFields(request: MailRequest, stamp: MailStamp): readonly HeaderField[] | ComposeFailure {
  const messageId = `<${stamp.id}@${stamp.domain}>`;
  if (!isMessageId(messageId)) throw new TypeError(`not a Message-ID: ${JSON.stringify(messageId)}`);
  const people = peopleFields(request);
  if ('failure' in people) return people;
  const subject = subjectField(request.subject);
  if ('failure' in subject) return subject;
  const extra = extraFields(request.headers);
  if ('failure' in extra) return extra;
  const list = listFields(request);
  if ('failure' in list) return list;
  return [
    dateField(stamp.dateMs),
    ...people,
    subject,
    tokenField('Message-ID', [messageId]),
    ...extra,
    ...list,
    mimeVersion,
  ];
}

const mimeVersion = tokenField('MIME-Version', ['1.0']);

// Formatting takes 2 µs; many mails are made in one second.
let datedSecond = Number.NaN;
let dated = tokenField('Date', []);

function dateField(dateMs: number): HeaderField {
  const second = Math.floor(dateMs / 1000);
  if (second !== datedSecond) {
    datedSecond = second;
    dated = tokenField('Date', [formatDate(dateMs)]);
  }
  return dated;
}

function peopleFields(request: MailRequest): readonly HeaderField[] | ComposeFailure {
  const from = readMailbox(request.from, 'from');
  if ('failure' in from) return from;
  const fields = [mailboxField('From', [from])];
  const lists = [
    ['Reply-To', request.replyTo, 'replyTo'],
    ['To', request.to, 'to'],
    ['Cc', request.cc, 'cc'],
  ] as const;
  for (const [name, texts, field] of lists) {
    const mailboxes = readMailboxes(texts, field);
    if ('failure' in mailboxes) return mailboxes;
    if (mailboxes.length > 0) fields.push(mailboxField(name, mailboxes));
  }
  // RFC 5322 §3.6.3 lets To be left out, but some receivers take that for spam: an empty group says the same (§3.4).
  if (request.to.length === 0 && request.cc.length === 0)
    fields.push(tokenField('To', ['undisclosed-recipients:;']));
  return fields;
}

function readMailboxes(texts: readonly string[], field: string): readonly Mailbox[] | ComposeFailure {
  if (texts.length > mostMailboxes)
    return faultAt(field, {
      ja: `アドレスが多すぎます(${texts.length} 件、上限 ${mostMailboxes} 件)`,
      en: `${texts.length} addresses are more than the limit of ${mostMailboxes}`,
    });
  const mailboxes: Mailbox[] = [];
  for (const [index, text] of texts.entries()) {
    const mailbox = readMailbox(text, `${field}/${index}`);
    if ('failure' in mailbox) return mailbox;
    mailboxes.push(mailbox);
  }
  return mailboxes;
}

// Reading a name and a domain costs 3 µs; the same From stands in most of an application's mails.
const keptMailboxes = 1_024;
const longestKeptChars = 200;
const knownMailboxes = new Map<string, Mailbox>();

function readMailbox(text: string, field: string): Mailbox | ComposeFailure {
  const known = knownMailboxes.get(text);
  if (known !== undefined) return known;
  const parsed = parseMailbox(text);
  if (parsed.ok) {
    if (knownMailboxes.size >= keptMailboxes) knownMailboxes.clear();
    if (text.length <= longestKeptChars) knownMailboxes.set(text, parsed.mailbox);
    return parsed.mailbox;
  }
  const shown = JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
  return faultAt(field, {
    ja: `${shown} はアドレスとして使えません: ${parsed.text.ja}`,
    en: `${shown} cannot be used as an address: ${parsed.text.en}`,
  });
}

function subjectField(subject: string): HeaderField | ComposeFailure {
  const control = findControl(subject);
  if (control !== null)
    return faultAt('subject', {
      ja: `件名に改行などの制御文字(${control.name}、${control.index + 1} 文字目)が入っています`,
      en: `the subject holds a control character (${control.name} at position ${control.index + 1})`,
    });
  if (subject.length > longestSubjectChars)
    return faultAt('subject', {
      ja: `件名が長すぎます(上限 ${longestSubjectChars} 文字)`,
      en: `the subject is longer than ${longestSubjectChars} characters`,
    });
  return textField('Subject', subject);
}

function listFields({ unsubscribe, headers }: MailRequest): readonly HeaderField[] | ComposeFailure {
  if (unsubscribe === null) return [];
  // RFC 2369 §2: at most one of each.
  const own = Object.keys(headers).find((name) => /^list-unsubscribe(?:-post)?$/i.test(name));
  if (own !== undefined)
    return faultAt(`headers/${own}`, {
      ja: `${own} は unsubscribe と一緒に指定できません`,
      en: `${own} cannot be given together with unsubscribe`,
    });
  const fields = unsubscribeFields(unsubscribe);
  if (fields !== null) return fields;
  return faultAt('unsubscribe', {
    ja: '配信停止の URL か mailto が正しくありません',
    en: 'the unsubscribe URL or mailto is not valid',
  });
}
