import type { Stage } from '../events/index.ts';
import type { ReplyRule, Verdict } from '../knowledge/index.ts';
import { buildLiteralScan } from './literal-scan.ts';

/** What rules are matched against. */
export type Subject = { readonly code: ReplyCode; readonly text: string; readonly stage: Stage | null };

/** A reply code, or what a bounce without one still tells: `5xx` and `4xx` from its status, `any` when it has none. */
export type ReplyCode = number | '4xx' | '5xx' | 'any';

/** Some rules of the index, chosen once: those that belong to one step of the order of trial. */
export type RuleGroup = { readonly branches: Uint32Array };

export type RuleIndex = {
  /** The rules for which `belongs` holds. */
  group(belongs: (rule: ReplyRule) => boolean): RuleGroup;
  /** Which branches could match; valid until the next call. */
  candidates(text: string): Uint32Array;
  /** The first rule of the group that holds, in order of trial. */
  first(group: RuleGroup, candidates: Uint32Array, subject: Subject): ReplyRule | null;
  /** Rules with a branch that could match, in order of trial, for explanations. */
  rulesIn(candidates: Uint32Array): readonly ReplyRule[];
};

/** Arranges rules so that one pass over a reply leaves the few branches that can match. */
export function indexRules(rules: readonly ReplyRule[]): RuleIndex {
  // Branches are numbered in the order of their rules, so that the lowest bit that holds is the rule that wins.
  const branches = rules.flatMap((rule) => rule.branches.map((branch) => ({ rule, branch })));
  const words = Math.ceil(branches.length / 32);
  // Two sets of literals a branch, of each of which one has to be there; what has none, or one, has the rest always.
  const scan = buildLiteralScan(
    branches.flatMap(({ branch }, number) => [
      ...(branch.required[0] ?? []).map((literal) => [literal, number] as const),
      ...(branch.required[1] ?? []).map((literal) => [literal, words * 32 + number] as const),
    ]),
  );
  const always = new Uint32Array([
    ...bitsOf(words, branches, ({ branch }) => branch.required.length < 1),
    ...bitsOf(words, branches, ({ branch }) => branch.required.length < 2),
  ]);
  const found = new Uint32Array(2 * words);
  const both = new Uint32Array(words);
  // The words of `both` in which a bit is set: a few of some forty.
  const live = new Uint16Array(words);
  let living = 0;
  return {
    group: (belongs) => ({ branches: bitsOf(words, branches, ({ rule }) => belongs(rule)) }),
    candidates(text) {
      found.set(always);
      scan.scan(text, found);
      living = 0;
      for (let word = 0; word < words; word += 1) {
        const bits = (found[word] ?? 0) & (found[words + word] ?? 0);
        both[word] = bits;
        if (bits === 0) continue;
        live[living] = word;
        living += 1;
      }
      return both;
    },
    first(group, candidates, subject) {
      for (let at = 0; at < living; at += 1) {
        const word = live[at] ?? 0;
        let bits = (candidates[word] ?? 0) & (group.branches[word] ?? 0);
        while (bits !== 0) {
          const entry = branches[(word << 5) | (31 - Math.clz32(bits & -bits))];
          bits &= bits - 1;
          if (entry === undefined || conditionOf(entry.rule, subject) !== null) continue;
          if (entry.branch.regex.test(subject.text)) return entry.rule;
        }
      }
      return null;
    },
    rulesIn(candidates) {
      const some = branches.filter(
        (_entry, number) => ((candidates[number >> 5] ?? 0) >>> (number & 31)) & 1,
      );
      return [...new Set(some.map(({ rule }) => rule))];
    },
  };
}

function bitsOf<Entry>(
  words: number,
  entries: readonly Entry[],
  holds: (entry: Entry) => boolean,
): Uint32Array {
  const bits = new Uint32Array(words);
  entries.forEach((entry, number) => {
    if (holds(entry)) bits[number >> 5] = (bits[number >> 5] ?? 0) | (1 << (number & 31));
  });
  return bits;
}

/** Why a rule does not hold, `null` when it does. */
export function objectionOf(rule: ReplyRule, subject: Subject): 'code' | 'stage' | 'pattern' | null {
  return conditionOf(rule, subject) ?? (rule.regex.test(subject.text) ? null : 'pattern');
}

function conditionOf(rule: ReplyRule, subject: Subject): 'code' | 'stage' | null {
  if (rule.codes !== null && !rule.codes.some((code) => holdsFor(code, subject.code))) return 'code';
  // An unknown stage satisfies no stage condition: the rule without one, further down, has to decide.
  if (rule.stage !== null && !rule.stage.some((stage) => stage === subject.stage)) return 'stage';
  if (rule.stage === null && ofRecipient.has(rule.verdict) && beforeRecipient.has(subject.stage))
    return 'stage';
  return null;
}

// RFC 5321 §3.3: before RCPT nobody was named to the server. What it then calls unknown, moved or full is the client's or the
// sender's, and no reason to give up an address.
const beforeRecipient: ReadonlySet<Stage | null> = new Set<Stage>(['banner', 'ehlo', 'starttls', 'mail']);
const ofRecipient: ReadonlySet<Verdict> = new Set<Verdict>([
  'userunknown',
  'hostunknown',
  'hasmoved',
  'suspend',
]);

/** Does a code condition (`550`, `5xx`) hold for a reply code? */
export function holdsFor(condition: number | '4xx' | '5xx' | 'none', code: ReplyCode): boolean {
  if (condition === 'none') return typeof code === 'string';
  // A bounce without a code satisfies a condition on the class, never one on a certain code.
  if (typeof code === 'string')
    return typeof condition === 'string' && (code === 'any' || code === condition);
  if (condition === '4xx') return code >= 400 && code < 500;
  if (condition === '5xx') return code >= 500 && code < 600;
  return condition === code;
}
