export { createIntakeBatch } from './batch.ts';
export type { IntakeBatch } from './batch.ts';
export { ownCertificate } from './certificate.ts';
export type { TlsIdentity } from './certificate.ts';
export { createDestinations } from './destination.ts';
export type { Destination, DestinationParts, Role } from './destination.ts';
export { createFreeRoom } from './free-room.ts';
export type { FreeRoomOptions } from './free-room.ts';
export { createReportBudget } from './report-budget.ts';
export type { ReportBudget } from './report-budget.ts';
export { openImap } from './imap-mailbox.ts';
export type { ImapAccess } from './imap-mailbox.ts';
export { watchImap } from './imap-watch.ts';
export { createIntake } from './intake.ts';
export type { Answer, Arrival, Disposition, Intake, IntakeParts } from './intake.ts';
export { createKeptMail } from './kept-mail.ts';
export type { KeptMailOptions } from './kept-mail.ts';
export { startListener } from './listener.ts';
export type {
  Diagnose,
  DiagnosisMail,
  Listener,
  ListenerLimits,
  ListenerNews,
  ListenerOptions,
} from './listener.ts';
export { checkMaildir, takeFrom, takeNewMail, takeSeenMail } from './maildir.ts';
export type { MailboxParts } from './maildir.ts';
export { watchMaildir } from './maildir-watch.ts';
export type { MailboxWatch, Watching } from './maildir-watch.ts';
export { createMatching } from './matching.ts';
export type { MatchingParts } from './matching.ts';
export type {
  KeptMail,
  ReportTaker,
  ReturnedStore,
  SentMessage,
  SentMessages,
  UnsubscribeRequest,
  UnsubscribeStore,
} from './ports.ts';
