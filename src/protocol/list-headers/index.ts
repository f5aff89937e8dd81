export { feedbackIdField, formatFeedbackId } from './feedback-id.ts';
export type { FeedbackIdParts } from './feedback-id.ts';
export { listIdField, unsubscribeFields } from './list-headers.ts';
export type { ListId, Unsubscribe } from './list-headers.ts';
