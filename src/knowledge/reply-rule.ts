import { lineOf } from './reply-line.ts';
import { compilePattern, type SafePattern } from './safe-pattern.ts';
import { repliesFile, type RepliesFile } from './schema.ts';
import { confidenceOf, type Action, type Party, type RuleStage, type Verdict } from './vocabulary.ts';
import { invalidKnowledge, readYamlFile, type YamlFile } from './yaml-file.ts';

/** One way in which a server words a refusal, and what it means. */
export type ReplyRule = SafePattern & {
  readonly id: string;
  /** Ids of the providers whose servers speak so; null for any server. */
  readonly providers: readonly string[] | null;
  readonly pattern: string;
  /** Reply codes it holds for (`none`: a bounce that quotes no reply); null for any. */
  readonly codes: readonly (number | '4xx' | '5xx' | 'none')[] | null;
  /** Stages it holds for; null for any. */
  readonly stage: readonly RuleStage[] | null;
  readonly verdict: Verdict;
  readonly detail: string | null;
  readonly party: Party | null;
  readonly action: Action | null;
  readonly anywhere: boolean;
  readonly sample: string;
  readonly source: readonly string[];
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  /** 0–1. */
  readonly confidence: number;
  /** `file:line` of the rule, for people who want to change it. */
  readonly writtenAt: string;
};

export type RuleFrame = { readonly sources: ReadonlySet<string>; readonly providerIds: ReadonlySet<string> };

/** Reads the rules of all files in order; stops at a second rule of the same id, an unsafe pattern, an unknown provider or source. */
export function readRules(paths: readonly string[], frame: RuleFrame): readonly ReplyRule[] {
  const seen = new Map<string, string>();
  const rules: ReplyRule[] = [];
  for (const path of paths) {
    const file = readYamlFile(path, repliesFile);
    checkProviders(file, frame);
    for (const [index, written] of file.value.rules.entries()) {
      const rule = ruleFrom(file, index, frame);
      const before = seen.get(rule.id);
      if (before !== undefined) {
        throw invalidKnowledge(path, file.lineOf(['rules', index, 'id']), `rule ${rule.id} already stands in ${before}`);
      }
      seen.set(written.id, rule.writtenAt);
      rules.push(rule);
    }
  }
  return Object.freeze(rules);
}

function checkProviders(file: YamlFile<RepliesFile>, frame: RuleFrame): void {
  const stranger = file.value.providers?.find((id) => !frame.providerIds.has(id));
  if (stranger === undefined) return;
  throw invalidKnowledge(file.path, file.lineOf(['providers']), `provider ${stranger} is not in providers.yaml`);
}

function ruleFrom(file: YamlFile<RepliesFile>, index: number, frame: RuleFrame): ReplyRule {
  const written = file.value.rules[index];
  if (written === undefined) throw new Error(`no rule ${index} in ${file.path}`);
  const fail = (key: string, reason: string): never => {
    throw invalidKnowledge(file.path, file.lineOf(['rules', index, key]), `rule ${written.id}: ${reason}`);
  };
  const compiled = compilePattern(written.pattern);
  if ('error' in compiled) return fail('pattern', `pattern ${compiled.error}`);
  const sample = lineOf({ text: written.sample, code: codeOf(written.sample), status: null });
  if (!compiled.regex.test(sample)) {
    return fail('sample', `the pattern does not match the sample, which rules see as “${sample}”`);
  }
  const missing = written.source.find((key) => !isPublic(key) && !frame.sources.has(key));
  if (missing !== undefined) return fail('source', `source ${missing} is not in sources.yaml`);
  if ((written.validFrom ?? '') > (written.validUntil ?? '9')) return fail('validUntil', 'ends before it begins');
  return Object.freeze({
    ...compiled,
    id: written.id,
    providers: file.value.providers ?? null,
    pattern: written.pattern,
    codes: written.codes ?? null,
    stage: written.stage ?? null,
    verdict: written.verdict,
    detail: written.detail ?? null,
    party: written.party ?? null,
    action: written.action ?? null,
    anywhere: written.anywhere ?? false,
    sample: written.sample,
    source: written.source,
    validFrom: written.validFrom ?? null,
    validUntil: written.validUntil ?? null,
    confidence: confidenceOf[written.confidence],
    writtenAt: `${file.path}:${file.lineOf(['rules', index])}`,
  });
}

/** The reply code that a sample begins with; null for the words of a bounce. */
function codeOf(sample: string): number | null {
  const match = /^[45]\d\d(?=[ -])/.exec(sample);
  return match === null ? null : Number(match[0]);
}

function isPublic(source: string): boolean {
  return source.includes('://') || /^RFC \d+/.test(source);
}
