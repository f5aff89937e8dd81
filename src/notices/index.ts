export type { DueNotice, NoticeKind, NoticeStore } from './ports.ts';
export { startNotices, tellSubmitters } from './start-notices.ts';
export type { NoticeParts, Notices } from './start-notices.ts';
