import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { partyNames } from '../knowledge/index.ts';

const advice = z.strictObject({
  title: z.string().min(1),
  meaning: z.string().min(1),
  steps: z.array(z.string().min(1)),
});

const findingText = z.strictObject({
  severity: z.enum(['ok', 'info', 'warning', 'problem']),
  party: z.enum(partyNames),
  certainty: z.enum(['proved', 'likely', 'unknowable']).default('proved'),
  ja: advice,
  en: advice,
  /** Where the fact stands: an RFC, a provider's page. */
  source: z.array(z.string().min(1)).min(1),
});

const findingFile = z.record(z.string().regex(/^[a-z0-9-]+$/), findingText);

export type FindingText = z.output<typeof findingText>;

/** By id, `file.entry`. */
export type FindingTexts = ReadonlyMap<string, FindingText>;

/** Reads `findings/*.yaml` of a knowledge folder; a missing text is an error with its place. */
export function loadFindingTexts(folder: string): FindingTexts {
  const texts = new Map<string, FindingText>();
  for (const name of readdirSync(join(folder, 'findings')).toSorted()) {
    if (!name.endsWith('.yaml')) continue;
    const topic = name.slice(0, -'.yaml'.length);
    const read = findingFile.safeParse(parse(readFileSync(join(folder, 'findings', name), 'utf8')));
    if (!read.success) throw new Error(`knowledge/findings/${name}: ${z.prettifyError(read.error)}`);
    for (const [id, text] of Object.entries(read.data)) texts.set(`${topic}.${id}`, text);
  }
  return texts;
}
