import { z } from 'zod';
import { durationUpTo } from './duration.ts';
import { verdictNames } from './vocabulary.ts';
import type { Verdict } from './vocabulary.ts';
import { invalidKnowledge, readYamlFile } from './yaml-file.ts';

/** When messages that were put off for a kind of reason are tried again. null in a condition: any. Times in milliseconds. */
export type RetryRule = {
  readonly id: string;
  readonly verdicts: readonly Verdict[] | null;
  readonly details: readonly string[] | null;
  /** Ids of reply rules, or `local:<cause>`. */
  readonly replyRules: readonly string[] | null;
  /** The least confidence of the reading, 0–1. */
  readonly leastConfidence: number;
  /** Before the second, third … try; after the last each wait doubles, up to `longestMs`. null: those of the configuration. */
  readonly waitsMs: readonly number[] | null;
  readonly longestMs: number;
};

/** Why a whole way out rests. */
export const restReasons = [
  'unreachable',
  'not-accepting',
  'sessions-lost',
  'tls-policy',
  'dns-failed',
  'local-limit',
] as const;
export type RestReason = (typeof restReasons)[number];

/** How long it rests: first, then doubling up to the longest. */
export type Backoff = { readonly firstMs: number; readonly longestMs: number };

export type Retries = {
  /** The first that fits counts. */
  readonly rules: readonly RetryRule[];
  readonly ways: Readonly<Partial<Record<RestReason, Backoff>>>;
};

const dayMs = 86_400_000;
// Who waits longer than a day between two tries has given up; a way that is tried once an hour is found open an hour late.
const wait = durationUpTo(dayMs, '1d');
const rest = durationUpTo(dayMs / 24, '1h');
const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower case letters, digits and single hyphens');

const rule = z
  .strictObject({
    id: name,
    verdict: z.array(z.enum(verdictNames)).min(1).optional(),
    detail: z.array(name).min(1).optional(),
    rule: z.array(z.string().min(1).max(100)).min(1).optional(),
    confidence: z.number().min(0).max(1).optional(),
    waits: z.array(wait).min(1).max(30).optional(),
    longest: wait,
    source: z.array(z.string().min(2)).min(1),
  })
  .refine(
    (each) => each.verdict !== undefined || each.detail !== undefined || each.rule !== undefined,
    'verdict, detail or rule: delivery.retry is for all the rest',
  )
  .refine((each) => each.waits?.every((ms) => ms <= each.longest) ?? true, 'no wait is longer than longest');

const retryFile = z.strictObject({
  retries: z.array(rule).default([]),
  ways: z
    .partialRecord(
      z.enum(restReasons),
      z
        .strictObject({ first: rest, longest: rest })
        .refine(({ first, longest }) => first <= longest, 'first is longer than longest'),
    )
    .default({}),
});

/** Reads all files in order, the operator's first; a second rule of the same id, or a second rest, gives way to the first. */
export function readRetries(paths: readonly string[], sources: ReadonlySet<string>): Retries {
  const byId = new Map<string, RetryRule>();
  const ways: Partial<Record<RestReason, Backoff>> = {};
  for (const path of paths) {
    const file = readYamlFile(path, retryFile);
    const { value } = file;
    const here = new Set<string>();
    for (const [index, written] of value.retries.entries()) {
      const fail = (reason: string): never => {
        throw invalidKnowledge(path, file.lineOf(['retries', index]), `retry ${written.id}: ${reason}`);
      };
      if (here.has(written.id)) fail('appears twice');
      here.add(written.id);
      const unknown = written.source.find((key) => !isPublic(key) && !sources.has(key));
      if (unknown !== undefined) fail(`source ${unknown} is not in sources.yaml`);
      if (!byId.has(written.id)) byId.set(written.id, ruleFrom(written));
    }
    for (const reason of restReasons) {
      const found = value.ways[reason];
      if (found !== undefined) ways[reason] ??= { firstMs: found.first, longestMs: found.longest };
    }
  }
  return Object.freeze({ rules: Object.freeze([...byId.values()]), ways: Object.freeze(ways) });
}

function isPublic(source: string): boolean {
  return source.includes('://') || /^RFC \d+/.test(source);
}

function ruleFrom(written: z.infer<typeof rule>): RetryRule {
  const { id, verdict, detail, rule: replyRules, confidence, waits, longest } = written;
  return Object.freeze({
    id,
    leastConfidence: confidence ?? 0,
    verdicts: verdict ?? null,
    details: detail ?? null,
    replyRules: replyRules ?? null,
    waitsMs: waits ?? null,
    longestMs: longest,
  });
}
