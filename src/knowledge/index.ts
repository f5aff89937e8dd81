export { defaultKnowledgeFolder } from './folder.ts';
export { loadKnowledge } from './load.ts';
export type {
  AdviceText,
  AdviceTexts,
  Knowledge,
  ReplyCodeMeaning,
  StatusMeaning,
  VerdictFacts,
} from './load.ts';
export type { Provider, ProviderPlace } from './provider.ts';
export type { ReplyRule } from './reply-rule.ts';
export { partyNames, ruleStageNames, verdictNames } from './vocabulary.ts';
export type {
  Action,
  ConfidenceWord,
  Party,
  ProviderKind,
  RetryClass,
  RuleStage,
  ScopeHint,
  Verdict,
} from './vocabulary.ts';
