export { endsWithLineEnd, stuffDots } from './dot-stuffing.ts';
export { enhancedStatus } from './enhanced-status.ts';
export { formatPath, splitAddress } from './path.ts';
export { defaultReplyLimits } from './reply-limits.ts';
export type { ReplyLimits } from './reply-limits.ts';
export { ReplyParser } from './reply-parser.ts';
export type { MalformedReply } from './reply-parser.ts';
export { replyText } from './reply.ts';
export type { Reply } from './reply.ts';
