export type {
  ArchivePlan,
  ArchiveRequest,
  ArchiveResult,
  ArchiveStage,
  ArchiveWatch,
} from './archive-request.ts';
export { archiveStore } from './archive-store.ts';
export { archiveImap } from './archive-imap.ts';
export type { ImapSource } from './archive-imap.ts';
