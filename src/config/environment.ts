import { AppError, nearest } from '../base/index.ts';
import type { Place, RawValue } from './raw-value.ts';
import { keys, otherVariables } from './schema.ts';
import type { Key } from './schema.ts';
import type { Written } from './written-values.ts';
import { readYaml } from './yaml-text.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The keys that the environment sets. An empty variable counts as unset, as container tools pass unset ones. */
export function readEnvironment(environment: Environment): Written {
  const values = new Map<string, RawValue>();
  const errors: AppError[] = [];
  const byVariable = new Map(keys.map((key) => [key.variable, key]));
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('TODOKU_') || otherVariables.includes(name)) continue;
    const key = byVariable.get(name);
    if (key === undefined) errors.push(unknownVariable(name));
    else if (text !== undefined && text !== '') {
      const read = readVariable(key, { name, text });
      errors.push(...read.errors);
      if (read.root !== null) values.set(key.name, read.root);
    }
  }
  return { values, errors };
}

type Variable = { readonly name: string; readonly text: string };

/** A list is YAML (or JSON) text; anything else is taken as it stands, without YAML's quoting. */
function readVariable(
  key: Key,
  { name, text }: Variable,
): { readonly root: RawValue | null; readonly errors: readonly AppError[] } {
  const place: Place = { kind: 'environment', name };
  const isList = Array.isArray('default' in key.description ? key.description.default : null);
  return isList
    ? readYaml(text, () => place)
    : { root: { kind: 'scalar', place, value: text, text }, errors: [] };
}

function unknownVariable(name: string): AppError {
  const near = nearest(
    name,
    keys.map((key) => key.variable),
  );
  return new AppError({
    code: 'config-unknown-variable',
    message: {
      ja: `環境変数 ${name} に対応する設定はありません`,
      en: `environment variable ${name} sets no known key`,
    },
    hint:
      near === null
        ? {
            ja: '`todoku config show` で名前を確かめるか、消してください',
            en: 'see docs/config.md for the names, or unset it',
          }
        : { ja: `${near} のことですか`, en: `did you mean ${near}?` },
  });
}
