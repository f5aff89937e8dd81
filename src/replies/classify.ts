import type { Stage } from '../events/index.ts';
import type { Action, Knowledge, Party, Provider, ReplyRule, Verdict } from '../knowledge/index.ts';
import { holdsFor, indexRules, objectionOf, type ReplyCode, type Subject } from './rule-index.ts';
import { bounceSubjectOf, type BounceText } from './bounce-text.ts';
import { subjectOf, type ParsedReply } from './reply-text.ts';

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

/** Where a rule stands in the order of trial, most specific first. */
export const layerNames = [
  'provider',
  'identifying-text',
  'strong-text',
  'status',
  'weak-text',
  'weak-status',
  'code',
] as const;
export type Layer = (typeof layerNames)[number];

/** One step of a classification, for `explainReply`. */
export type Trial = {
  readonly layer: Layer;
  readonly rule: string;
  readonly result: 'won' | 'code' | 'stage' | 'pattern' | 'not-reached';
};

export type Classifier = {
  classifyReply(reply: ParsedReply, context: ReplyContext): Classification;
  /** Any words of a bounce, with or without reply code and status; the same layers, and a verdict for every input. */
  classifyText(bounce: BounceText): Classification;
  /** The same, with every rule that was considered. */
  trace(
    reply: ParsedReply,
    context: ReplyContext,
  ): { readonly classification: Classification; readonly trials: readonly Trial[]; readonly subject: string };
};

/** Texts at least as sure as this stand before the enhanced status code: many servers send 5.7.1 or 5.0.0 for everything. */
const strongConfidence = 0.8;
const statusConfidence = { strong: 0.75, weak: 0.45 } as const;
const codeConfidence = 0.3;
/** A guess must not remove an address from somebody's list: below this no bounce is hard. */
const leastHardConfidence = 0.6;

// At 300 characters a reply this is about 1 MB; emptying it costs a few milliseconds of work done twice.
const mostRemembered = 2_048;

type Meaning = {
  readonly verdict: Verdict;
  readonly detail?: string | null | undefined;
  readonly party?: Party | null | undefined;
  readonly action?: Action | null | undefined;
};
type Finding = Meaning & { readonly rule: string; readonly confidence: number };

/** What is to be judged: the line, and what is known beside it. */
type Question = {
  readonly subject: Subject;
  readonly status: string | null;
  readonly provider: Provider | null;
};

/** Makes a classifier from the knowledge; building takes some milliseconds, classifying some microseconds. */
export function createClassifier(knowledge: Knowledge): Classifier {
  const index = indexRules(knowledge.rules);
  const memory = new Map<string, Classification>();
  const judge = (question: Question, trials: Trial[] | null): Classification => {
    const { subject, status, provider } = question;
    // Everything that the judgement depends on; a campaign hears the same few sentences thousands of times.
    const key = `${provider?.id}|${subject.stage}|${subject.code}|${status}|${subject.text}`;
    const known = trials === null ? memory.get(key) : undefined;
    if (known !== undefined) return known;
    const layers = layersOf(index.candidates(subject.text), provider);
    const text = (layer: Layer): Finding | null => tryRules(layers, { layer, subject, trials });
    const finding =
      text('provider') ??
      text('identifying-text') ??
      text('strong-text') ??
      byStatus(knowledge, status, false) ??
      text('weak-text') ??
      byStatus(knowledge, status, true) ??
      byCode(knowledge, subject);
    const classification = Object.freeze(conclude(knowledge, finding, question));
    if (memory.size >= mostRemembered) memory.clear();
    memory.set(key, classification);
    return classification;
  };
  const run = (reply: ParsedReply, context: ReplyContext, trials: Trial[] | null): Classification => {
    const provider = knowledge.providerOf(context);
    if (reply.code < 400) return succeeded(provider);
    const subject: Subject = { code: reply.code, text: subjectOf(reply), stage: context.stage };
    return judge({ subject, status: reply.status, provider }, trials);
  };
  return {
    classifyReply: (reply, context) => run(reply, context, null),
    classifyText(bounce) {
      const provider = knowledge.providerOf(bounce);
      const code = codeOf(bounce);
      if (code === null) return succeeded(provider);
      const subject: Subject = { code, text: bounceSubjectOf(bounce), stage: bounce.stage };
      return judge({ subject, status: bounce.status, provider }, null);
    },
    trace(reply, context) {
      const trials: Trial[] = [];
      const classification = run(reply, context, trials);
      return { classification, trials, subject: subjectOf(reply) };
    },
  };
}

/** The code that conditions are held against; null for a success. */
function codeOf({ replyCode, status }: BounceText): ReplyCode | null {
  if (replyCode !== null) return replyCode < 400 ? null : replyCode;
  // RFC 3463 §3.1: the class of the status says success, for now, or for good.
  if (status?.startsWith('2.') === true) return null;
  if (status?.startsWith('4.') === true) return '4xx';
  return status?.startsWith('5.') === true ? '5xx' : 'any';
}

type Layers = { readonly [layer in Layer]?: readonly ReplyRule[] };

function layersOf(candidates: readonly ReplyRule[], provider: Provider | null): Layers {
  const layers: { [layer in Layer]?: ReplyRule[] } = {};
  for (const rule of candidates) {
    const layer = layerOf(rule, provider);
    if (layer !== null) (layers[layer] ??= []).push(rule);
  }
  return layers;
}

function layerOf(rule: ReplyRule, provider: Provider | null): Layer | null {
  if (rule.providers === null) return rule.confidence >= strongConfidence ? 'strong-text' : 'weak-text';
  if (provider !== null && rule.providers.includes(provider.id)) return 'provider';
  return rule.anywhere ? 'identifying-text' : null;
}

function tryRules(
  layers: Layers,
  { layer, subject, trials }: { layer: Layer; subject: Subject; trials: Trial[] | null },
): Finding | null {
  let winner: ReplyRule | null = null;
  for (const rule of layers[layer] ?? []) {
    const objection = winner === null ? objectionOf(rule, subject) : 'not-reached';
    trials?.push({ layer, rule: rule.id, result: objection ?? 'won' });
    if (objection === null) winner = rule;
    if (winner !== null && trials === null) break;
  }
  return winner === null ? null : { ...winner, rule: winner.id };
}

function byStatus(knowledge: Knowledge, status: string | null, weak: boolean): Finding | null {
  if (status === null) return null;
  const meaning = knowledge.statuses.get(status) ?? knowledge.statuses.get(`X${status.slice(1)}`);
  if (meaning === undefined || (meaning.weak ?? false) !== weak) return null;
  return { ...meaning, rule: `status:${status}`, confidence: statusConfidence[weak ? 'weak' : 'strong'] };
}

function byCode(knowledge: Knowledge, subject: Subject): Finding {
  const meaning = knowledge.replyCodes.find(
    (entry) =>
      subject.code !== 'any' &&
      holdsFor(entry.code, subject.code) &&
      (entry.stage === undefined || entry.stage.some((stage) => stage === subject.stage)),
  );
  const rule = `code:${subject.code}`;
  if (meaning !== undefined) return { ...meaning, rule, confidence: codeConfidence };
  // Words that no rule knows are a refusal without a reason; where there is not even a word, nothing can be known.
  return { verdict: subject.text === '' ? 'undefined' : 'onhold', rule, confidence: 0 };
}

function conclude(knowledge: Knowledge, finding: Finding, { subject, provider }: Question): Classification {
  const facts = knowledge.verdicts.get(finding.verdict);
  const hard = facts?.hard ?? false;
  const permanent = !holdsFor('4xx', subject.code) || subject.code === 'any';
  const party = finding.party ?? facts?.party ?? 'nobody';
  return {
    verdict: finding.verdict,
    detail: finding.detail ?? null,
    rule: finding.rule,
    provider: provider?.id ?? null,
    confidence: finding.confidence,
    // RFC 5321 §4.2.1: 4xx asks for another try, whatever the words say of the address; nobody has to act before that.
    party: hard && !permanent ? 'nobody' : party,
    hardBounce: hard && permanent && finding.confidence >= leastHardConfidence,
    action: hard && !permanent ? 'retry' : (finding.action ?? null),
  };
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
