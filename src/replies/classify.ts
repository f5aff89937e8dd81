import type { Stage } from '../events/index.ts';
import {
  lineOf,
  type Action,
  type Knowledge,
  type Party,
  type Provider,
  type Verdict,
} from '../knowledge/index.ts';
import { bounceLinesOf, type BounceText } from './bounce-text.ts';
import { createJudge, type Judgement, type Question, type Trial } from './judge.ts';
import type { ParsedReply } from './reply-text.ts';
import type { ReplyCode } from './rule-index.ts';

/** What a reply means. Never throws on any input. */
export type Classification = {
  readonly verdict: Verdict;
  readonly detail: string | null;
  /** Id of the rule that won, `status:<code>`, `code:<class>` or `local:<cause>`. */
  readonly rule: string;
  readonly provider: string | null;
  /** 0–1. */
  readonly confidence: number;
  /** Whose turn it is: `sender`, `operator`, `recipient`, `recipient-admin`, `nobody`. */
  readonly party: Party;
  /** The address should not be tried again. */
  readonly hardBounce: boolean;
  /** What helps, in one word for programs; null when nothing is known. */
  readonly action: Action | null;
};

export type ReplyContext = {
  readonly stage: Stage | null;
  /** MX host that answered, for the provider's own rules. */
  readonly mxHost: string | null;
  readonly domain: string | null;
};

export type Classifier = {
  classifyReply(reply: ParsedReply, context: ReplyContext): Classification;
  /** Any words of a bounce, with or without reply code and status; the same layers, and a verdict for every input. */
  classifyText(bounce: BounceText): Classification;
  /** The same as classifyReply, with every rule that was considered. */
  trace(
    reply: ParsedReply,
    context: ReplyContext,
  ): { readonly classification: Classification; readonly trials: readonly Trial[]; readonly subject: string };
};

/** Makes a classifier from the knowledge; building takes some ten milliseconds, classifying some microseconds. */
export function createClassifier(knowledge: Knowledge): Classifier {
  const judge = createJudge(knowledge);
  const questionOf = (reply: ParsedReply, context: ReplyContext, provider: Provider | null): Question => ({
    subject: { code: reply.code, text: lineOf(reply), stage: context.stage },
    status: reply.status,
    provider,
  });
  return {
    classifyReply(reply, context) {
      const provider = knowledge.providerOf(context);
      if (reply.code < 400) return succeeded(provider);
      return judge.judge(questionOf(reply, context, provider)).classification;
    },
    classifyText(bounce) {
      const provider = knowledge.providerOf(bounce);
      const code = codeOf(bounce);
      if (code === null) return succeeded(provider);
      const { reply, whole } = bounceLinesOf(bounce);
      const ask = (text: string): Judgement =>
        judge.judge({ subject: { code, text, stage: bounce.stage }, status: bounce.status, provider });
      const first = ask(reply);
      return whole === null ? first.classification : better(first, () => ask(whole));
    },
    trace(reply, context) {
      const provider = knowledge.providerOf(context);
      const question = questionOf(reply, context, provider);
      if (reply.code < 400) {
        return { classification: succeeded(provider), trials: [], subject: question.subject.text };
      }
      return { ...judge.trace(question), subject: question.subject.text };
    },
  };
}

/** What the receiver said, unless the report around it knows more. */
function better(reply: Judgement, whole: () => Judgement): Classification {
  const { verdict } = reply.classification;
  const weight = verdict === 'onhold' ? 'none' : reply.weight;
  if (weight === 'sure' && !passing.has(verdict)) return reply.classification;
  const report = whole();
  const knowsMore =
    weight === 'none' ? report.weight !== 'none' : weight === 'unsure' && report.weight === 'sure';
  // A trouble that passes is not why a message came back when the report says that time was up.
  return knowsMore || report.classification.verdict === 'expired'
    ? report.classification
    : reply.classification;
}

const passing: ReadonlySet<Verdict> = new Set(['networkerror', 'systemerror', 'toomanyconn']);

/** The code that conditions are held against; null for a success. */
function codeOf({ replyCode, status }: BounceText): ReplyCode | null {
  if (replyCode !== null) return replyCode < 400 ? null : replyCode;
  // RFC 3463 §3.1: the class of the status says success, for now, or for good.
  if (status?.startsWith('2.') === true) return null;
  if (status?.startsWith('4.') === true) return '4xx';
  return status?.startsWith('5.') === true ? '5xx' : 'any';
}

function succeeded(provider: Provider | null): Classification {
  return {
    verdict: 'delivered',
    detail: null,
    rule: 'code:2xx',
    provider: provider?.id ?? null,
    confidence: 1,
    party: 'nobody',
    hardBounce: false,
    action: 'none',
  };
}
