export { readRange } from './byte-range.ts';
export type { ByteRange } from './byte-range.ts';
export { noteFor } from './decision.ts';
export type { AttachmentNote } from './decision.ts';
export { createAttachmentDesk } from './desk.ts';
export type {
  AttachmentDesk,
  AttachmentJob,
  AttachmentParts,
  LinkWishes,
  Prepared,
  PreparedMail,
} from './desk.ts';
export { createDownloadDesk } from './download-desk.ts';
export type { DownloadDesk, DownloadParts, Looked, Unlocked } from './download-desk.ts';
export { createFileStore } from './file-store.ts';
export { octetsText } from './octets-text.ts';
export { planAttachments } from './plan.ts';
export type { AttachmentPlan, DomainRules, MessageLimit, PlannedGroup, TooLarge } from './plan.ts';
export type {
  AttachmentDecision,
  DecidedFile,
  DecisionStore,
  Download,
  DownloadStore,
  FileStore,
  Scanner,
  ScanResult,
} from './ports.ts';
