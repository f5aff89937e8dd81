export type { InboxStore } from './ports.ts';
