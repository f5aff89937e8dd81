export { createBounceReader } from './bounce-reader.ts';
export type { BounceReader } from './bounce-reader.ts';
export { failedAddress } from './returned-mail.ts';
export type { OriginalMail, RecipientReport, ReportedAction, ReturnedMail } from './returned-mail.ts';
