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
