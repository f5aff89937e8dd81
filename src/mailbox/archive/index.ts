export type {
  ArchivePlan,
  ArchiveRequest,
  ArchiveResult,
  ArchiveStage,
  ArchiveWatch,
} from './archive-request.ts';
export { archiveStore } from './archive-store.ts';
