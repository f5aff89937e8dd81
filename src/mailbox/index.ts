export { checkMailbox, standardSievePort } from './check-mailbox.ts';
export type { MailboxQuestion } from './check-mailbox.ts';
export { fetchText } from './fetch-text.ts';
export { defaultDialogLimits, openTcp } from './line-dialog.ts';
export type { DialogLimits, DialogParts, OpenSocket } from './line-dialog.ts';
export { loadMailboxFacts } from './mailbox-facts.ts';
export type { MailboxFacts } from './mailbox-facts.ts';
export type { MailboxTools } from './mailbox-tools.ts';
export { usualPort, usualTls } from './services.ts';
export type { Protocol, Service, TlsMode } from './services.ts';
export { archiveImap, archiveStore } from './archive/index.ts';
export type {
  ArchivePlan,
  ArchiveRequest,
  ArchiveResult,
  ArchiveStage,
  ArchiveWatch,
  ImapSource,
} from './archive/index.ts';
export { examineStores, fileSizeText, loadStoreLimits, systemFreeBytes } from './stores/index.ts';
export type { StoreCheckParts, StoreLimits } from './stores/index.ts';
