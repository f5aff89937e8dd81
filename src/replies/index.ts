export { adviceFor, missingAdvice, partyFor } from './advice.ts';
export type { Advice } from './advice.ts';
export { createClassifier } from './classify.ts';
export type { Classification, ReplyContext } from './classify.ts';
export { describeReply, explainReply } from './describe.ts';
export { classifyLocal } from './local-cause.ts';
export { createReader } from './read-outcome.ts';
export type { OutcomeReader } from './read-outcome.ts';
export { parseReplyText, stageNamedIn } from './reply-text.ts';
