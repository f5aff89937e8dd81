import { z } from 'zod';
import type { Bilingual } from '../base/index.ts';
import { durationUpTo } from './duration.ts';
import { ruleStageNames, verdictNames } from './vocabulary.ts';
import type { RuleStage, Verdict } from './vocabulary.ts';
import { invalidKnowledge, readYamlFile } from './yaml-file.ts';

/**
 * How far a suspension reaches. `path` and `source-at-site` are the same way out; only the second is written down and
 * goes on after a restart.
 */
export const suspensionScopes = ['path', 'source-at-site', 'source', 'domain-at-site'] as const;
export type SuspensionScope = (typeof suspensionScopes)[number];

/** What a reaction does. Times in milliseconds. */
export type ReactionStep =
  /** The path goes on at this part of its pace (0–1). */
  | { readonly do: 'slow-down'; readonly factor: number }
  /** Repeated soon after it ended, it doubles up to `longestMs`. */
  | {
      readonly do: 'suspend';
      readonly scope: SuspensionScope;
      readonly forMs: number;
      readonly longestMs: number;
    }
  | { readonly do: 'hold-campaign'; readonly forMs: number }
  | { readonly do: 'alert' };

export type ReactionKind = 'deferred' | 'refused' | 'unknown';

/** What replies make the engine do something, and what. null in a condition: any. */
export type ReactionRule = {
  readonly id: string;
  readonly verdicts: readonly Verdict[] | null;
  readonly details: readonly string[] | null;
  /** Ids of reply rules, or `local:<cause>`. */
  readonly replyRules: readonly string[] | null;
  readonly providers: readonly string[] | null;
  readonly stages: readonly RuleStage[] | null;
  readonly kinds: readonly ReactionKind[] | null;
  /** The least confidence of the reading, 0–1. */
  readonly leastConfidence: number;
  /** So many within the time set it off. */
  readonly times: number;
  readonly withinMs: number;
  /** Of at least `attempts` within the time, this share must match; instead of `times`. */
  readonly share: { readonly above: number; readonly attempts: number } | null;
  /** A refusal that matches is about us: its message waits and does not bounce. */
  readonly keeps: boolean;
  readonly steps: readonly ReactionStep[];
  readonly meaning: Bilingual;
  readonly source: readonly string[];
  /** `file:line`, for people who want to change it. */
  readonly writtenAt: string;
};

// A week: whoever wants longer wants a decision, not a pause.
const longestPauseMs = 7 * 86_400_000;
const duration = durationUpTo(longestPauseMs, '7d');

const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower case letters, digits and single hyphens');
const oneLine = z.string().trim().min(1).max(600);

const step = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('slow-down'), factor: z.number().min(0.01).max(0.99) }),
  z.strictObject({
    do: z.literal('suspend'),
    scope: z.enum(suspensionScopes),
    for: duration,
    longest: duration.optional(),
  }),
  z.strictObject({ do: z.literal('hold-campaign'), for: duration }),
  z.strictObject({ do: z.literal('alert') }),
]);

const rule = z
  .strictObject({
    id: name,
    verdict: z.array(z.enum(verdictNames)).min(1).optional(),
    detail: z.array(name).min(1).optional(),
    rule: z.array(z.string().min(1).max(100)).min(1).optional(),
    provider: z.array(name).min(1).optional(),
    stage: z.array(z.enum(ruleStageNames)).min(1).optional(),
    kind: z
      .array(z.enum(['deferred', 'refused', 'unknown']))
      .min(1)
      .optional(),
    confidence: z.number().min(0).max(1).optional(),
    times: z.int().min(1).max(10_000).optional(),
    within: duration.optional(),
    share: z.strictObject({ above: z.number().min(0).max(1), attempts: z.int().min(1).max(1_000_000) }).optional(),
    keep: z.boolean().optional(),
    steps: z.array(step).min(1).max(4),
    meaning: z.strictObject({ ja: oneLine, en: oneLine }),
    source: z.array(z.string().min(2)).min(1),
  })
  .refine((each) => each.share === undefined || each.times === undefined, 'times or share, not both')
  .refine((each) => each.within !== undefined || (each.times ?? 1) === 1, 'several times need a within')
  .refine((each) => each.share === undefined || each.within !== undefined, 'a share needs a within')
  .refine(
    (each) => each.share === undefined || each.steps.some((one) => one.do === 'hold-campaign'),
    'a share is counted by campaign: it needs a hold-campaign',
  )
  .refine(
    (each) => each.verdict !== undefined || each.detail !== undefined || each.rule !== undefined,
    'verdict, detail or rule: else every failure would set it off',
  );

export const reactionsFile = z.strictObject({ reactions: z.array(rule) });

type WrittenRule = z.infer<typeof rule>;

/** Reads the rules of all files in order, the operator's first; a second rule of the same id gives way to the first. */
export function readReactions(
  paths: readonly string[],
  frame: { readonly sources: ReadonlySet<string>; readonly providerIds: ReadonlySet<string> },
): readonly ReactionRule[] {
  const byId = new Map<string, ReactionRule>();
  for (const path of paths) {
    const file = readYamlFile(path, reactionsFile);
    const here = new Set<string>();
    for (const [index, written] of file.value.reactions.entries()) {
      const line = file.lineOf(['reactions', index]);
      const fail = (reason: string): never => {
        throw invalidKnowledge(path, line, `reaction ${written.id}: ${reason}`);
      };
      if (here.has(written.id)) fail('appears twice');
      here.add(written.id);
      const stranger = written.provider?.find((id) => !frame.providerIds.has(id));
      if (stranger !== undefined) fail(`provider ${stranger} is not in providers.yaml`);
      const unknown = written.source.find((key) => !isPublic(key) && !frame.sources.has(key));
      if (unknown !== undefined) fail(`source ${unknown} is not in sources.yaml`);
      if (!byId.has(written.id)) byId.set(written.id, ruleFrom(written, `${path}:${line}`));
    }
  }
  return Object.freeze([...byId.values()]);
}

/** Rules of a file anywhere, to be tried against what is on record; providers are those known. */
export function readReactionFile(
  path: string,
  known: { readonly providers: readonly { readonly id: string }[]; readonly reactions: readonly ReactionRule[] },
): readonly ReactionRule[] {
  const sources = new Set(['field', ...known.reactions.flatMap((each) => each.source)]);
  return readReactions([path], { sources, providerIds: new Set(known.providers.map(({ id }) => id)) });
}

function isPublic(source: string): boolean {
  return source.includes('://') || /^RFC \d+/.test(source);
}

function ruleFrom(written: WrittenRule, writtenAt: string): ReactionRule {
  return Object.freeze({
    id: written.id,
    verdicts: written.verdict ?? null,
    details: written.detail ?? null,
    replyRules: written.rule ?? null,
    providers: written.provider ?? null,
    stages: written.stage ?? null,
    kinds: written.kind ?? null,
    leastConfidence: written.confidence ?? 0,
    times: written.times ?? 1,
    withinMs: written.within ?? 0,
    share: written.share ?? null,
    keeps: written.keep ?? false,
    steps: written.steps.map(stepFrom),
    meaning: written.meaning,
    source: written.source,
    writtenAt,
  });
}

function stepFrom(written: WrittenRule['steps'][number]): ReactionStep {
  switch (written.do) {
    case 'suspend': {
      const { scope, for: forMs } = written;
      return { do: 'suspend', scope, forMs, longestMs: Math.max(forMs, written.longest ?? forMs) };
    }
    case 'hold-campaign':
      return { do: 'hold-campaign', forMs: written.for };
    default:
      return written;
  }
}
