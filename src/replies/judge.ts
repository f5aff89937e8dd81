import type { Knowledge, Provider, ReplyRule, Verdict, Party, Action } from '../knowledge/index.ts';
import type { Classification } from './classify.ts';
import { createJudgementMemory } from './judgement-memory.ts';
import {
  holdsFor,
  indexRules,
  objectionOf,
  type RuleGroup,
  type RuleIndex,
  type Subject,
} from './rule-index.ts';

/** Where a rule stands in the order of trial, most specific first. */
const layerNames = [
  'provider',
  'identifying-text',
  'strong-text',
  'status',
  'weak-text',
  'weak-status',
  'code',
] as const;
export type Layer = (typeof layerNames)[number];
type TextLayer = 'provider' | 'identifying-text' | 'strong-text' | 'weak-text';

/** One step of a classification, for `explainReply`. */
export type Trial = {
  readonly layer: Layer;
  readonly rule: string;
  readonly result: 'won' | 'code' | 'stage' | 'pattern' | 'not-reached';
};

/** What is to be judged: the line, and what is known beside it. */
export type Question = {
  readonly subject: Subject;
  readonly status: string | null;
  readonly provider: Provider | null;
};

export type Judgement = {
  readonly classification: Classification;
  /** `sure`: words of sure rules or a precise status decided; `unsure`: words of the others; `none`: only a code or a vague status. */
  readonly weight: 'sure' | 'unsure' | 'none';
};

export type Judge = {
  judge(question: Question): Judgement;
  /** The rules that were considered, in order of trial. Nothing is remembered. */
  trace(question: Question): { readonly classification: Classification; readonly trials: readonly Trial[] };
};

/** Texts at least as sure as this stand before the enhanced status code: many servers send 5.7.1 or 5.0.0 for everything. */
const strongConfidence = 0.8;
const statusConfidence = { strong: 0.75, weak: 0.45 } as const;
const codeConfidence = 0.3;
/** A guess must not remove an address from somebody's list: below this no bounce is hard. */
const leastHardConfidence = 0.6;

type Meaning = {
  readonly verdict: Verdict;
  readonly detail?: string | null | undefined;
  readonly party?: Party | null | undefined;
  readonly action?: Action | null | undefined;
};
type Finding = Meaning & { readonly rule: string; readonly confidence: number };

/** Makes the judge of lines from the knowledge; building takes some ten milliseconds. */
export function createJudge(knowledge: Knowledge): Judge {
  const index = indexRules(knowledge.rules);
  const groupsOf = createGroups(index);
  const memory = createJudgementMemory();
  const findings = new Map(knowledge.rules.map((rule) => [rule, findingOf(rule)]));
  const concluded = createConclusions(knowledge);
  const byStatus = createByStatus(knowledge);
  const byCode = createByCode(knowledge);
  const compute = (question: Question): Judgement => {
    const { subject, status, provider } = question;
    const groups = groupsOf(provider);
    const candidates = index.candidates(subject.text);
    const words = (layer: TextLayer): Finding | null => {
      const rule = index.first(groups[layer], candidates, subject);
      return rule === null ? null : (findings.get(rule) ?? null);
    };
    const sure = words('provider') ?? words('identifying-text') ?? words('strong-text');
    const precise = sure === null ? byStatus(status, false) : null;
    const unsure = sure === null && precise === null ? words('weak-text') : null;
    const finding = sure ?? precise ?? unsure ?? byStatus(status, true) ?? byCode(question);
    const classification = concluded(finding, question);
    const weight = (sure ?? precise) !== null ? 'sure' : unsure === null ? 'none' : 'unsure';
    return { classification, weight };
  };
  return {
    judge(question) {
      const known = memory.find(question);
      if (known !== null) return known;
      const judgement = compute(question);
      memory.keep(question, judgement);
      return judgement;
    },
    trace(question) {
      const { classification } = compute(question);
      const rules = index.rulesIn(index.candidates(question.subject.text));
      return { classification, trials: trialsOf(rules, classification, question) };
    },
  };
}

function findingOf({ verdict, detail, party, action, id, confidence }: ReplyRule): Finding {
  return { verdict, detail, party, action, rule: id, confidence };
}

type Conclusions = (
  finding: Finding,
  context: Pick<Question, 'subject' | 'provider'>,
) => Readonly<Classification>;

/** What follows from a finding, made once: it depends on the provider and on whether the code is for good, on nothing else. */
function createConclusions(knowledge: Knowledge): Conclusions {
  const known = new WeakMap<Finding, Map<Provider | null, Classification[]>>();
  return (finding, { subject, provider }) => {
    const permanent = isPermanent(subject.code);
    const byProvider = known.get(finding) ?? new Map<Provider | null, Classification[]>();
    const before = byProvider.get(provider);
    const found = before?.[permanent ? 1 : 0];
    if (found !== undefined) return found;
    const both = [false, true].map((each) =>
      Object.freeze(conclude(knowledge, finding, { permanent: each, provider })),
    );
    known.set(finding, byProvider.set(provider, both));
    return both[permanent ? 1 : 0] ?? conclude(knowledge, finding, { permanent, provider });
  };
}

/** RFC 5321 §4.2.1: 4xx asks for another try, whatever the words say of the address. */
function isPermanent(code: Subject['code']): boolean {
  return code === 'any' || !holdsFor('4xx', code);
}

type Groups = Readonly<Record<TextLayer, RuleGroup>>;

function createGroups(index: RuleIndex): (provider: Provider | null) => Groups {
  const known = new Map<Provider | null, Groups>();
  return (provider) => {
    const before = known.get(provider);
    if (before !== undefined) return before;
    const group = (layer: TextLayer): RuleGroup => index.group((rule) => layerOf(rule, provider) === layer);
    const groups = {
      provider: group('provider'),
      'identifying-text': group('identifying-text'),
      'strong-text': group('strong-text'),
      'weak-text': group('weak-text'),
    };
    known.set(provider, groups);
    return groups;
  };
}

function layerOf(rule: ReplyRule, provider: Provider | null): TextLayer | null {
  if (rule.providers === null) return rule.confidence >= strongConfidence ? 'strong-text' : 'weak-text';
  if (provider !== null && rule.providers.includes(provider.id)) return 'provider';
  return rule.anywhere ? 'identifying-text' : null;
}

function trialsOf(rules: readonly ReplyRule[], winner: Classification, question: Question): readonly Trial[] {
  const trials: Trial[] = [];
  let won = false;
  for (const layer of layerNames) {
    for (const rule of rules) {
      if (layerOf(rule, question.provider) !== layer) continue;
      const result = won ? 'not-reached' : (objectionOf(rule, question.subject) ?? 'won');
      trials.push({ layer, rule: rule.id, result });
      won ||= rule.id === winner.rule;
    }
    won ||=
      layer === 'status' && winner.rule.startsWith('status:') && winner.confidence > statusConfidence.weak;
  }
  return trials;
}

type ByStatus = (status: string | null, weak: boolean) => Finding | null;

/** What the enhanced status code says; each finding made once, so that its conclusion is too. */
function createByStatus(knowledge: Knowledge): ByStatus {
  const known = new Map<string, Finding>();
  return (status, weak) => {
    if (status === null) return null;
    const meaning = knowledge.statuses.get(status) ?? knowledge.statuses.get(`X${status.slice(1)}`);
    if (meaning === undefined || (meaning.weak ?? false) !== weak) return null;
    const before = known.get(status);
    if (before !== undefined) return before;
    const confidence = statusConfidence[weak ? 'weak' : 'strong'];
    const finding = { ...meaning, rule: `status:${status}`, confidence };
    known.set(status, finding);
    return finding;
  };
}

type ByCode = (question: Pick<Question, 'subject' | 'status'>) => Finding;

/** What a bare reply code and the stage say, which is little; each finding made once. */
function createByCode(knowledge: Knowledge): ByCode {
  const known = new Map<string, Finding>();
  return ({ subject, status }) => {
    const { code, stage } = subject;
    const silent = subject.text === '' && status === null;
    const key = `${code} ${stage} ${silent}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const meaning = knowledge.replyCodes.find(
      (entry) =>
        code !== 'any' &&
        holdsFor(entry.code, code) &&
        (entry.stage === undefined || entry.stage.some((each) => each === stage)),
    );
    const rule = `code:${code}`;
    // Words that no rule knows are a refusal without a reason; where there is not even a word, nothing can be known.
    const unknown: Finding = { verdict: silent ? 'undefined' : 'onhold', rule, confidence: 0 };
    const finding = meaning === undefined ? unknown : { ...meaning, rule, confidence: codeConfidence };
    // Codes are three digits, stages a few: some thousand at most.
    known.set(key, finding);
    return finding;
  };
}

function conclude(
  knowledge: Knowledge,
  finding: Finding,
  { permanent, provider }: { readonly permanent: boolean; readonly provider: Provider | null },
): Classification {
  const facts = knowledge.verdicts.get(finding.verdict);
  const hard = facts?.hard ?? false;
  const party = finding.party ?? facts?.party ?? 'nobody';
  return {
    verdict: finding.verdict,
    detail: finding.detail ?? null,
    rule: finding.rule,
    provider: provider?.id ?? null,
    confidence: finding.confidence,
    // A 4xx asks for another try: nobody has to act before that.
    party: hard && !permanent ? 'nobody' : party,
    hardBounce: hard && permanent && finding.confidence >= leastHardConfidence,
    action: hard && !permanent ? 'retry' : (finding.action ?? null),
  };
}
