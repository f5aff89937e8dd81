import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { AppError } from '../../src/base/index.ts';
import { providerSchema } from './schema.ts';
import type { Provider, ProviderInput } from './schema.ts';

/** The data files that come with the simulator. */
const providerFolder = fileURLToPath(new URL('../providers', import.meta.url));

/** Reads and checks one data file. */
function readProvider(file: string): Provider {
  return checkProvider(parse(readFileSync(file, 'utf8')), file);
}

/** Reads all data files of a folder, by name. */
export function readProviders(folder: string = providerFolder): readonly Provider[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return files.toSorted().map((name) => readProvider(join(folder, name)));
}

/** Resolves what a caller asked for: ids of the simulator's own providers, or values. */
export function chooseProviders(
  wanted: readonly (string | ProviderInput)[] | undefined,
): readonly Provider[] {
  const known = readProviders();
  // A host that takes any domain is for senders that route past DNS; among the others it would hide mistyped domains.
  if (wanted === undefined) return known.filter((provider) => !provider.anyDomain);
  return wanted.map((entry) => {
    if (typeof entry !== 'string') return checkProvider(entry, entry.id);
    const provider = known.find((candidate) => candidate.id === entry);
    if (provider !== undefined) return provider;
    const ids = known.map((candidate) => candidate.id).join(', ');
    throw new AppError({
      code: 'simulator-unknown-provider',
      message: {
        ja: `シミュレーターにプロバイダー「${entry}」はありません`,
        en: `the simulator has no provider "${entry}"`,
      },
      hint: { ja: `次から選んでください: ${ids}`, en: `choose from: ${ids}` },
    });
  });
}

function checkProvider(value: unknown, where: string): Provider {
  const checked = providerSchema.safeParse(value);
  if (checked.success) return checked.data;
  const detail = z.prettifyError(checked.error).replaceAll(/\s*\n\s*/g, ' ');
  throw new AppError({
    code: 'simulator-bad-provider',
    message: {
      ja: `シミュレーターのデータファイル ${where} に誤りがあります: ${detail}`,
      en: `simulator data file ${where} is wrong: ${detail}`,
    },
    cause: checked.error,
  });
}
