export { endsWithLineEnd, stuffDots } from './dot-stuffing.ts';
export { formatPath, splitAddress } from './path.ts';
export { ReplyParser } from './reply-parser.ts';
export { replyText } from './reply.ts';
export type { Reply } from './reply.ts';
