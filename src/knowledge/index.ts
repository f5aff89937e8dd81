export { defaultKnowledgeFolder } from './folder.ts';
export { knowledgeFrom, loadKnowledge } from './load.ts';
export type { AdviceText, Knowledge, KnowledgeFacts } from './load.ts';
export type { Provider } from './provider.ts';
export { lineOf, longestReplyChars } from './reply-line.ts';
export type { ReplyRule } from './reply-rule.ts';
export { actionNames, partyNames, verdictNames } from './vocabulary.ts';
export type { Action, Party, Verdict } from './vocabulary.ts';
