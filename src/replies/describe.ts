import type { Bilingual } from '../base/index.ts';
import type { Stage } from '../events/index.ts';
import type { Action, Knowledge } from '../knowledge/index.ts';
import { adviceFor, type Advice } from './advice.ts';
import type { Classification, Classifier, ReplyContext } from './classify.ts';
import type { Trial } from './judge.ts';
import { parseReplyText, stageNamedIn, type ParsedReply } from './reply-text.ts';

/** A reply to describe, with what is known of its origin. */
export type ReplyQuestion = {
  readonly reply: string;
  readonly mxHost?: string | null;
  readonly domain?: string | null;
  readonly stage?: Stage | null;
};

/** One line of `todoku classify --json`. */
export type Description = {
  readonly file: string | null;
  readonly index: number;
  readonly recipient: string | null;
  readonly action: 'failed' | 'delayed' | 'delivered' | null;
  readonly replyCode: string | null;
  readonly status: string | null;
  readonly verdict: string | null;
  readonly detail: string | null;
  readonly hardBounce: boolean;
  readonly feedbackType: string | null;
  readonly provider: string | null;
  readonly rule: string | null;
  readonly confidence: number;
  readonly party: string | null;
  /** What helps, as a word for programs and a sentence for people. */
  readonly remedy: ({ readonly action: string } & Bilingual) | null;
  readonly advice: { readonly ja: Advice; readonly en: Advice } | null;
};

export type Describer = { readonly classifier: Classifier; readonly knowledge: Knowledge };

/** Describes a reply that a person gave as text. Text without a reply code has no verdict: it may be anything. */
export function describeReply(question: ReplyQuestion, { classifier, knowledge }: Describer): Description {
  const parsed = parseReplyText(question.reply);
  if (parsed === null) return undescribed;
  const classification = classifier.classifyReply(parsed, contextOf(question));
  return {
    file: null,
    index: 1,
    recipient: null,
    action: actionOf(parsed.code),
    replyCode: String(parsed.code),
    status: parsed.status,
    verdict: classification.verdict,
    detail: classification.detail,
    hardBounce: classification.hardBounce,
    feedbackType: null,
    provider: classification.provider,
    rule: classification.rule,
    confidence: classification.confidence,
    party: classification.party,
    remedy: remedyOf(classification.action, knowledge),
    // A refusal is the end of it; with 4yz (RFC 5321 §4.2.1) whoever sent it tries again.
    advice: adviceFor({ ...classification, state: parsed.code >= 500 ? 'bounced' : 'waiting' }, knowledge),
  };
}

function remedyOf(action: Action | null, { advice }: Knowledge): Description['remedy'] {
  if (action === null) return null;
  return { action, ja: advice.ja.actions[action] ?? '', en: advice.en.actions[action] ?? '' };
}

const undescribed: Description = {
  file: null,
  index: 1,
  recipient: null,
  action: null,
  replyCode: null,
  status: null,
  verdict: null,
  detail: null,
  hardBounce: false,
  feedbackType: null,
  provider: null,
  rule: null,
  confidence: 0,
  party: null,
  remedy: null,
  advice: null,
};

/** Which rules were tried on a reply and why this one won. */
export type ReplyExplanation = {
  readonly reply: ParsedReply;
  /** What the rules saw: one line, local parts of addresses hidden. */
  readonly subject: string;
  readonly classification: Classification;
  /** In order of trial; rules whose fixed words do not occur are left out. */
  readonly trials: readonly Trial[];
  readonly rulesInAll: number;
};

/** Explains a classification; null when the text has no reply code. */
export function explainReply(
  question: ReplyQuestion,
  { classifier, knowledge }: Describer,
): ReplyExplanation | null {
  const parsed = parseReplyText(question.reply);
  if (parsed === null) return null;
  return {
    reply: parsed,
    ...classifier.trace(parsed, contextOf(question)),
    rulesInAll: knowledge.rules.length,
  };
}

function contextOf(question: ReplyQuestion): ReplyContext {
  return {
    stage: question.stage ?? stageNamedIn(question.reply),
    mxHost: question.mxHost ?? null,
    domain: question.domain ?? null,
  };
}

function actionOf(code: number): 'failed' | 'delayed' | 'delivered' {
  if (code >= 500) return 'failed';
  return code >= 400 ? 'delayed' : 'delivered';
}
