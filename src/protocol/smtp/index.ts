export { replyText } from './reply.ts';
export type { Reply } from './reply.ts';
