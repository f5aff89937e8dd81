export { createInbox } from './inbox.ts';
export type { Inbox, InboxDomains, InboxPage, InboxParts } from './inbox.ts';
export type { InboxStore } from './ports.ts';
export type { CapturedFile, CapturedMail } from './read-captured.ts';
export { captivePolicy, safeHtml } from './safe-html.ts';
