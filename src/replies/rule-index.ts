import type { Stage } from '../events/index.ts';
import type { ReplyRule } from '../knowledge/index.ts';
import { buildLiteralScan } from './literal-scan.ts';

/** What rules are matched against. */
export type Subject = { readonly code: ReplyCode; readonly text: string; readonly stage: Stage | null };

/** A reply code, or what a bounce without one still tells: `5xx` and `4xx` from its status, `any` when it has none. */
export type ReplyCode = number | '4xx' | '5xx' | 'any';

export type RuleIndex = {
  /** Rules whose literal occurs in the text, in order of trial. */
  candidates(text: string): readonly ReplyRule[];
};

/** Arranges rules so that one pass over a reply leaves the few that can match. */
export function indexRules(rules: readonly ReplyRule[]): RuleIndex {
  const pairs = rules.flatMap((rule, order) => rule.literals.map((literal) => [literal, order] as const));
  const scan = buildLiteralScan(pairs);
  const always = rules.flatMap((rule, order) => (rule.literals.length === 0 ? [order] : []));
  return {
    candidates(text) {
      const orders = new Set(always);
      scan.scan(text.toLowerCase(), (owner) => orders.add(owner));
      return [...orders]
        .toSorted((a, b) => a - b)
        .map((order) => rules[order])
        .filter((rule) => rule !== undefined);
    },
  };
}

/** Why a rule does not hold, `null` when it does. */
export function objectionOf(rule: ReplyRule, subject: Subject): 'code' | 'stage' | 'pattern' | null {
  if (rule.codes !== null && !rule.codes.some((code) => holdsFor(code, subject.code))) return 'code';
  // An unknown stage satisfies no stage condition: the rule without one, further down, has to decide.
  if (rule.stage !== null && !rule.stage.some((stage) => stage === subject.stage)) return 'stage';
  return rule.regex.test(subject.text) ? null : 'pattern';
}

/** Does a code condition (`550`, `5xx`) hold for a reply code? */
export function holdsFor(condition: number | '4xx' | '5xx', code: ReplyCode): boolean {
  // A bounce without a code satisfies a condition on the class, never one on a certain code.
  if (typeof code === 'string')
    return typeof condition === 'string' && (code === 'any' || code === condition);
  if (condition === '4xx') return code >= 400 && code < 500;
  if (condition === '5xx') return code >= 500 && code < 600;
  return condition === code;
}
