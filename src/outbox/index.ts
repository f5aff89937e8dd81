export { noticeOwner } from './outbox.ts';
export { createOutbox } from './create-outbox.ts';
export type { OpenOutbox, OutboxParts } from './create-outbox.ts';
export { startHousekeeping } from './housekeeping.ts';
export type { Housekeeping, HousekeepingParts } from './housekeeping.ts';
export type { BodyKey, BodySegments, KeepingStore, PlacedBody } from './keeping-ports.ts';
export { createMailComposer } from './mail-composer.ts';
export type { MailComposerParts, MailToCompose } from './mail-composer.ts';
export { mailMessageId, newMailId, parseMailKey } from './mail-id.ts';
export type { MailKey } from './mail-id.ts';
export type { BodyLog, OutboxStore, StorableMail, StoredMessage, StoreResult } from './outbox-ports.ts';
export type {
  Accepted,
  AcceptedMessage,
  AcceptFailure,
  BodyPlace,
  MailBody,
  NewMail,
  NewMailRecipient,
  NoticeRequest,
  Outbox,
} from './outbox.ts';
export type { MailFilter, MailPage, MailRecord, MailStore } from './ports.ts';
