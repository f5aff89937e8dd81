import { headerText } from '../protocol/mime/index.ts';
import type { Anatomy } from './anatomy.ts';

// Who wrote a report in words, by the sentence it always opens with or the name it signs; for people and statistics only:
// nothing is read differently because of it.
const forms: readonly (readonly [string, RegExp])[] = [
  ['qmail', /Hi\. This is the|qmail-send/],
  ['exim', /This message was created automatically by mail delivery software/i],
  ['postfix', /This is the (?:Postfix|mail system at)/],
  ['sendmail', /The original message was received at|----- Transcript of session follows/],
  ['courier', /This is a delivery status notification from|UNDELIVERABLE MAIL/],
  ['dragonfly', /DragonFly Mail Agent/],
  ['opensmtpd', /OpenSMTPD|Hi!\s+This is the MAILER-DAEMON/],
  [
    'exchange',
    /did not reach the following recipient|Diagnostic information for administrators|Microsoft Exchange/i,
  ],
  ['domino', /Lotus|Domino/],
  [
    'gmail',
    /Technical details of (?:permanent|temporary) failure|Google tried to deliver|mail-noreply@google/i,
  ],
  ['yahoo', /mailer-daemon@yahoo/i],
  ['japanese-carrier', /docomo|ezweb|softbank|vodafone|kddi/i],
  ['x400', /X\.400|MTS-/],
];

/** Names the software behind a report in words. */
export function formOf(anatomy: Anatomy): string {
  const head = `${headerText(anatomy.mail, 'from') ?? ''}\n${anatomy.words.slice(0, 4_000)}`;
  return forms.find(([, pattern]) => pattern.test(head))?.[0] ?? 'plain-text';
}
