export { createBounceReader } from './bounce-reader.ts';
export type { BounceReader } from './bounce-reader.ts';
export { describeMail } from './describe-mail.ts';
export type { MailDescription } from './describe-mail.ts';
export { mailsIn } from './mbox.ts';
export { failedAddress } from './returned-mail.ts';
export type { OriginalMail, RecipientReport, ReportedAction, ReturnedMail } from './returned-mail.ts';
