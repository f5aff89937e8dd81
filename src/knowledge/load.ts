import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, type Bilingual, type Language } from '../base/index.ts';
import { deepFreeze } from './freeze.ts';
import { indexProviders, type Provider, type ProviderIndex } from './provider.ts';
import { readReactions, type ReactionRule } from './reaction-rule.ts';
import { readRetries, type Retries } from './retry-rule.ts';
import { readRules, type ReplyRule } from './reply-rule.ts';
import { readShaping, type ShapingRule } from './shaping-rule.ts';
import { readWarmupPlans, type WarmupPlan } from './warmup-plan.ts';
import { adviceFile, providersFile, sourcesFile, statusCodesFile, verdictsFile } from './schema.ts';
import type { AdviceFile, ProvidersFile, StatusCodesFile } from './schema.ts';
import type { Party, RetryClass, ScopeHint, Verdict } from './vocabulary.ts';
import { invalidKnowledge, readYamlFile, type YamlFile } from './yaml-file.ts';

const statusCodesName = join('replies', 'status-codes.yaml');
const reactionsName = 'reactions.yaml';
const warmupName = 'warmup.yaml';
const shapingName = 'shaping.yaml';
const retryName = 'retry.yaml';

export type VerdictFacts = {
  readonly name: Verdict;
  readonly meaning: Bilingual;
  /** With a permanent refusal the address should not be tried again. */
  readonly hard: boolean;
  readonly party: Party;
  readonly scope: ScopeHint;
  readonly retry: RetryClass;
};

export type StatusMeaning = StatusCodesFile['statuses'][number];
export type ReplyCodeMeaning = StatusCodesFile['replyCodes'][number];
/** Advice of one language: title, meaning and steps by party, as in advice/<language>.yaml. */
export type AdviceTexts = AdviceFile;
export type AdviceText = AdviceFile['verdicts'][string];

/** Everything the folder says but advice, as plain values: what another thread can be given instead of reading it again. */
export type KnowledgeFacts = {
  readonly folders: readonly string[];
  readonly verdicts: ReadonlyMap<Verdict, VerdictFacts>;
  readonly providers: readonly Provider[];
  /** In the order in which they are tried: the operator's own first, then by file name, then as written. */
  readonly rules: readonly ReplyRule[];
  /** By code as written (`5.1.1` before `X.1.1`). */
  readonly statuses: ReadonlyMap<string, StatusMeaning>;
  readonly replyCodes: readonly ReplyCodeMeaning[];
  /** The operator's own first; of each limit the first rule that matches and names it decides. */
  readonly shaping: readonly ShapingRule[];
  /** The operator's own first; of two with the same id, theirs. */
  readonly reactions: readonly ReactionRule[];
  readonly warmupPlans: readonly WarmupPlan[];
  /** The operator's own first; of two with the same id, theirs. */
  readonly retries: Retries;
};

/** Everything the folder says, validated and frozen. */
export type Knowledge = ProviderIndex & {
  readonly facts: KnowledgeFacts;
  readonly advice: Readonly<Record<Language, AdviceTexts>>;
} & KnowledgeFacts;

/** Reads a knowledge folder; `extraFolders` (the operator's own, same layout, any file may be missing) come first. */
export function loadKnowledge(folder: string, extraFolders: readonly string[] = []): Knowledge {
  for (const extra of extraFolders) checkOwnFolder(extra);
  const folders = [...extraFolders, folder];
  const sources = readSources(folders);
  const verdictFile = readYamlFile(join(folder, 'verdicts.yaml'), verdictsFile);
  const providers = readProviders(folders, sources);
  const statusFiles = existing(folders, statusCodesName).map((path) => readYamlFile(path, statusCodesFile));
  const ruleFiles = folders.flatMap((each) => replyFiles(each));
  const frame = { sources, providerIds: new Set(providers.map((provider) => provider.id)) };
  const verdicts = new Map(verdictFile.value.verdicts.map((facts) => [facts.name, facts]));
  return knowledgeFrom({
    folders,
    verdicts,
    providers: deepFreeze(providers),
    rules: readRules(ruleFiles, frame),
    statuses: new Map(
      statusFiles.toReversed().flatMap((file) => file.value.statuses.map((status) => [status.code, status])),
    ),
    replyCodes: deepFreeze(statusFiles.flatMap((file) => file.value.replyCodes)),
    shaping: readShaping(existing(folders, shapingName), frame),
    reactions: readReactions(existing(folders, reactionsName), frame),
    warmupPlans: readWarmupPlans(existing(folders, warmupName), frame.providerIds),
    retries: readRetries(existing(folders, retryName), sources),
  });
}

/** Knowledge from what `loadKnowledge` read before, in whatever thread. */
export function knowledgeFrom(facts: KnowledgeFacts): Knowledge {
  let advice: Knowledge['advice'] | null = null;
  return Object.freeze({
    ...facts,
    facts,
    // Read on first use: a third of the loading time, and sending needs none of it.
    get advice() {
      advice ??= deepFreeze({ ja: readAdvice(facts.folders, 'ja'), en: readAdvice(facts.folders, 'en') });
      return advice;
    },
    ...indexProviders(facts.providers),
  });
}

/** A folder that is not there, or holds nothing that is read, would be heard of only when its rules do not work. */
function checkOwnFolder(folder: string): void {
  const names = ['sources.yaml', 'providers.yaml', statusCodesName, reactionsName, warmupName, shapingName, retryName, 'advice/ja.yaml', 'advice/en.yaml'];
  if (replyFiles(folder).length > 0 || names.some((name) => existsSync(join(folder, name)))) return;
  throw new AppError({
    code: 'knowledge-folder-empty',
    message: {
      ja: `knowledge.folders の ${folder} に知識ファイルがありません。`,
      en: `${folder} of knowledge.folders holds no knowledge files.`,
    },
    hint: {
      ja: 'その下に replies/NAME.yaml を置いてください。書式は knowledge/README.md にあります。',
      en: 'put a replies/NAME.yaml into it; knowledge/README.md describes the format.',
    },
  });
}

function existing(folders: readonly string[], name: string): readonly string[] {
  // The built-in folder is last and must be complete; a missing file there stops with its name.
  return folders
    .map((folder) => join(folder, name))
    .filter((path, index) => index === folders.length - 1 || existsSync(path));
}

function replyFiles(folder: string): readonly string[] {
  const inside = join(folder, 'replies');
  if (!existsSync(inside)) return [];
  return readdirSync(inside)
    .filter((name) => name.endsWith('.yaml') && join('replies', name) !== statusCodesName)
    .toSorted()
    .map((name) => join(inside, name));
}

function readSources(folders: readonly string[]): ReadonlySet<string> {
  const files = existing(folders, 'sources.yaml').map((path) => readYamlFile(path, sourcesFile));
  return new Set(files.flatMap((file) => Object.keys(file.value.sources)));
}

function readProviders(folders: readonly string[], sources: ReadonlySet<string>): readonly Provider[] {
  const byId = new Map<string, Provider>();
  for (const path of existing(folders, 'providers.yaml')) {
    const file = readYamlFile(path, providersFile);
    const here = new Set<string>();
    for (const [index, provider] of file.value.providers.entries()) {
      const place = ['providers', index];
      if (here.has(provider.id)) {
        throw invalidKnowledge(path, file.lineOf([...place, 'id']), `provider ${provider.id} appears twice`);
      }
      here.add(provider.id);
      checkSources(file, { place, named: [...provider.source, ...(provider.recipientSteps?.source ?? [])], sources });
      if (!byId.has(provider.id)) byId.set(provider.id, providerFrom(provider));
    }
  }
  return [...byId.values()];
}

function providerFrom(written: ProvidersFile['providers'][number]): Provider {
  const steps = written.recipientSteps;
  return {
    ...written,
    timezone: written.timezone ?? null,
    acceptsThenDrops: written.acceptsThenDrops ?? null,
    recipientSteps: steps === undefined ? null : { ja: steps.ja, en: steps.en },
  };
}

function checkSources(
  file: YamlFile<unknown>,
  entry: { place: readonly PropertyKey[]; named: readonly string[]; sources: ReadonlySet<string> },
): void {
  const missing = entry.named.find((key) => !key.includes('://') && !/^RFC \d+/.test(key) && !entry.sources.has(key));
  if (missing === undefined) return;
  throw invalidKnowledge(file.path, file.lineOf(entry.place), `source ${missing} is not in sources.yaml`);
}

function readAdvice(folders: readonly string[], language: Language): AdviceTexts {
  const texts = existing(folders, `advice/${language}.yaml`).map((path) => readYamlFile(path, adviceFile).value);
  // Later ones win in a spread, so the operator's own texts are spread last.
  const merged: AdviceTexts = { verdicts: {}, details: {}, causes: {}, actions: {} };
  for (const text of texts.toReversed()) {
    Object.assign(merged.verdicts, text.verdicts);
    Object.assign(merged.details, text.details);
    Object.assign(merged.causes, text.causes);
    Object.assign(merged.actions, text.actions);
  }
  return merged;
}
