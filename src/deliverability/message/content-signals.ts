import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const source = z.array(z.string().min(1)).min(1);

const signalsFile = z.strictObject({
  /** By entry of findings/message.yaml: what it costs of ten points. */
  points: z.record(z.string(), z.number().min(0).max(10)),
  phrases: z.array(
    z.strictObject({ group: z.string().min(1), words: z.array(z.string().min(1)).min(1), source }),
  ),
  shorteners: z.strictObject({ hosts: z.array(z.string().min(1)).min(1), source }),
});

// Entries of findings/message.yaml.
const legalItems = ['law-name', 'law-opt-out', 'law-address', 'law-contact'] as const;

const lawFile = z.strictObject({
  items: z.array(
    z.strictObject({ id: z.enum(legalItems), patterns: z.array(z.string().min(1)).min(1), source }),
  ),
});

export type PhraseGroup = {
  readonly group: string;
  readonly words: readonly { readonly word: string; readonly pattern: RegExp }[];
};

/** One thing that advertising mail has to show; `id`: its entry of findings/message.yaml. */
export type LegalItem = { readonly id: string; readonly patterns: readonly RegExp[] };

/** What is known of contents that filters and laws look at. */
export type ContentSignals = {
  readonly points: ReadonlyMap<string, number>;
  readonly phrases: readonly PhraseGroup[];
  readonly shorteners: ReadonlySet<string>;
  readonly legal: readonly LegalItem[];
};

/** Reads `content-signals.yaml` and `law-jp.yaml` of a knowledge folder. */
export function loadContentSignals(folder: string): ContentSignals {
  const read = (name: string): unknown => parse(readFileSync(join(folder, name), 'utf8'));
  const { points, phrases, shorteners } = signalsFile.parse(read('content-signals.yaml'));
  const { items } = lawFile.parse(read('law-jp.yaml'));
  return {
    points: new Map(Object.entries(points)),
    phrases: phrases.map(({ group, words }) => ({
      group,
      words: words.map((word) => ({ word, pattern: wordPattern(word) })),
    })),
    shorteners: new Set(shorteners.hosts),
    legal: items.map(({ id, patterns }) => ({ id, patterns: patterns.map((text) => new RegExp(text, 'u')) })),
  };
}

/** Latin words at word borders (`free` is not in `freedom`), others anywhere; the text is folded before. */
function wordPattern(word: string): RegExp {
  const plain = word
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const latin = /^[\x20-\x7e]+$/.test(word);
  return new RegExp(latin ? `(?<![\\p{L}\\p{N}])${plain}(?![\\p{L}\\p{N}])` : plain, 'u');
}
