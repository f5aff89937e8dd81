import { dirname, resolve } from 'node:path';
import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { checkConfig } from './checks.ts';
import { readConfigText } from './config-file.ts';
import type { Config, Origin } from './config.ts';
import { readEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import type { DefaultFacts } from './key-description.ts';
import type { Place } from './raw-value.ts';
import { keys } from './schema.ts';
import type { Key } from './schema.ts';
import { readSections } from './sections.ts';
import type { Written, WrittenValues } from './written-values.ts';
import { readYaml } from './yaml-text.ts';

export type ConfigSource = {
  /** Path of the configuration file, as it is to appear in messages. */
  readonly file: string;
  /** Somebody asked for this file: then it must exist. */
  readonly explicit: boolean;
  readonly environment: Environment;
  /** The operating system's name of this machine: default of `delivery.hostname`. */
  readonly hostname: string;
};

/** One key with its value in effect, as one would write it in the file. */
export type EffectiveValue = { readonly key: string; readonly value: unknown; readonly origin: Origin };

export type ConfigReading =
  | {
      readonly ok: true;
      readonly config: Config;
      /** null: there is no configuration file. */
      readonly file: string | null;
      readonly values: readonly EffectiveValue[];
      readonly warnings: readonly Bilingual[];
    }
  /** At least one error; those of the file in the order of its lines. */
  | { readonly ok: false; readonly errors: readonly AppError[] };

/** The configuration in effect. Throws the first error of `readConfig`. */
export function loadConfig(source: ConfigSource): Config {
  const reading = readConfig(source);
  if (reading.ok) return reading.config;
  throw reading.errors[0] ?? new Error('a failed reading of the configuration names no error');
}

/** Reads file and environment, checks everything, and says of each value where it came from. */
export function readConfig(source: ConfigSource): ConfigReading {
  const text = readConfigText(source.file, { explicit: source.explicit });
  if (text instanceof AppError) return { ok: false, errors: [text] };
  const fromFile = readFileText(text ?? '', source.file);
  const fromEnvironment = readEnvironment(source.environment);
  // The environment wins: it is set closer to the running process.
  const written = new Map([...fromFile.values, ...fromEnvironment.values]);
  const errors = [...fromFile.errors, ...fromEnvironment.errors];
  const decoded = decodeAll(written, { source, errors });
  if (errors.length > 0) return { ok: false, errors: inFileOrder(errors, source.file) };

  const config = assemble(decoded);
  const checked = checkConfig(config, written);
  if (checked.errors.length > 0) return { ok: false, errors: inFileOrder(checked.errors, source.file) };
  const values = keys.map((key) => effectiveValue(key, { decoded, written }));
  return { ok: true, config, file: text === null ? null : source.file, values, warnings: checked.warnings };
}

function readFileText(text: string, file: string): Written {
  const yaml = readYaml(text, (line): Place => ({ kind: 'file', file, line }));
  const sections: Written = yaml.root === null ? { values: new Map(), errors: [] } : readSections(yaml.root);
  return { values: sections.values, errors: [...yaml.errors, ...sections.errors] };
}

type DecodeFacts = { readonly source: ConfigSource; readonly errors: AppError[] };
type Decoded = ReadonlyMap<string, unknown>;

/** `Config` path → value, for every key that could be decoded or has a default. */
function decodeAll(written: WrittenValues, { source, errors }: DecodeFacts): Decoded {
  const baseDirectory = dirname(resolve(source.file));
  const decoded = new Map<string, unknown>();
  const systemHostname = source.hostname.toLowerCase();
  for (const key of keys) {
    const raw = written.get(key.name);
    if (raw === undefined) continue;
    const result = key.description.type.decode(raw, { key: key.name, baseDirectory });
    if (result.ok) decoded.set(key.configPath, result.value);
    else errors.push(...result.errors);
  }
  const set = decoded.get('delivery.hostname');
  const facts: DefaultFacts = {
    systemHostname,
    deliveryHostname: typeof set === 'string' ? set : systemHostname,
  };
  for (const { configPath, description } of keys) {
    if (decoded.has(configPath)) continue;
    decoded.set(configPath, 'default' in description ? description.default : description.defaultFrom(facts));
  }
  return decoded;
}

function assemble(decoded: Decoded): Config {
  const leaves = [...decoded].map(([path, value]): Leaf => ({ steps: path.split('.'), value }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `Schema` proves each path to have the type in Config
  return deepFreeze(nest(leaves)) as Config;
}

type Leaf = { readonly steps: readonly string[]; readonly value: unknown };

function nest(leaves: readonly Leaf[]): unknown {
  const [only] = leaves;
  if (only?.steps.length === 0) return only.value;
  const sections = Object.groupBy(leaves, (leaf) => leaf.steps[0] ?? '');
  return Object.fromEntries(
    Object.entries(sections).map(([name, inner = []]) => [
      name,
      nest(inner.map((leaf) => ({ ...leaf, steps: leaf.steps.slice(1) }))),
    ]),
  );
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

type EffectiveFacts = { readonly decoded: Decoded; readonly written: WrittenValues };

function effectiveValue(key: Key, { decoded, written }: EffectiveFacts): EffectiveValue {
  const origin: Origin = written.get(key.name)?.place ?? { kind: 'default' };
  const value = decoded.get(key.configPath);
  return {
    key: key.name,
    value: value === null || value === '' ? null : key.description.type.write(value),
    origin,
  };
}

/** Those of the file by line; what names no line of it keeps its place at the end. */
function inFileOrder(errors: readonly AppError[], file: string): AppError[] {
  const lineOf = (error: AppError): number => {
    const prefix = `${file}:`;
    const line = error.text.en.startsWith(prefix)
      ? Number.parseInt(error.text.en.slice(prefix.length), 10)
      : NaN;
    return Number.isNaN(line) ? Number.MAX_SAFE_INTEGER : line;
  };
  return errors.toSorted((a, b) => lineOf(a) - lineOf(b));
}
