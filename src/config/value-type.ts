import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { placeText, shownValue } from './raw-value.ts';
import type { RawScalar, RawValue } from './raw-value.ts';

/** A decoded value, or the errors (one line each) that it has instead. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly AppError[] };

/** What surrounds a value while it is decoded. */
export type Spot = {
  /** Dotted name for messages: `delivery.expiry`, `dns.servers[0]`. */
  readonly key: string;
  /** Relative file names start here: the folder of the configuration file. */
  readonly baseDirectory: string;
};

/** How one kind of value is written, read and shown. */
export type ValueType<T> = {
  /** For messages and the reference: "a duration such as 30s". */
  readonly wanted: Bilingual;
  /** What the name in `Config` adds to the key, so that a number carries its unit. */
  readonly unitSuffix: '' | 'Ms' | 'Bytes';
  decode(raw: RawValue, spot: Spot): Decoded<T>;
  /** As one would write it in the file (JSON values). */
  write(value: T): unknown;
  /** Of a list: the type of its entries. */
  readonly item?: ValueType<unknown>;
  /** Of an object: its fields by name. */
  readonly fields?: readonly (readonly [string, Field<unknown>])[];
};

/** One field of an object. Without `fallback` it is required; `sameAs` names a field before it. */
export type Field<T> = {
  readonly type: ValueType<T>;
  readonly doc: Bilingual;
  readonly fallback?: { readonly value: T } | { readonly sameAs: string };
};

/** A reading of one scalar's text: the value, or why not (a hint). */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly hint?: Bilingual };

export type ScalarFacts<T> = {
  readonly wanted: Bilingual;
  readonly unitSuffix?: 'Ms' | 'Bytes';
  parse(scalar: RawScalar, spot: Spot): Parsed<T>;
  write?(value: T): unknown;
};

/** A type whose values are one YAML scalar. */
export function scalarType<T>(facts: ScalarFacts<T>): ValueType<T> {
  return {
    wanted: facts.wanted,
    unitSuffix: facts.unitSuffix ?? '',
    decode(raw, spot) {
      if (raw.kind === 'scalar' && raw.value === null) return { ok: false, errors: [noValue(raw, spot)] };
      const parsed: Parsed<T> = raw.kind === 'scalar' ? facts.parse(raw, spot) : { ok: false };
      if (parsed.ok) return parsed;
      return { ok: false, errors: [badValue(raw, { spot, wanted: facts.wanted, hint: parsed.hint })] };
    },
    write: (value) => (facts.write === undefined ? value : facts.write(value)),
  };
}

function noValue(raw: RawScalar, spot: Spot): AppError {
  const at = placeText(raw.place);
  return new AppError({
    code: 'config-no-value',
    message: { ja: `${at}: ${spot.key} に値がありません`, en: `${at}: ${spot.key} has no value` },
    hint: { ja: '値を書くか、この行を消してください', en: 'write one, or remove the line' },
  });
}

type BadValueFacts = {
  readonly spot: Spot;
  readonly wanted: Bilingual;
  readonly hint?: Bilingual | undefined;
};

/** "todoku.yaml:3: delivery.expiry must be a duration, not “5”". */
export function badValue(raw: RawValue, { spot, wanted, hint }: BadValueFacts): AppError {
  const at = placeText(raw.place);
  const shown = shownValue(raw);
  return new AppError({
    code: 'config-bad-value',
    message: {
      ja: `${at}: ${spot.key} には${wanted.ja}を書いてください（今の値: ${shown}）`,
      en: `${at}: ${spot.key} must be ${wanted.en}, not “${shown}”`,
    },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The text of a scalar that must be a string; numbers and booleans need quotes in YAML. */
export function textOf(scalar: RawScalar): Parsed<string> {
  if (typeof scalar.value === 'string') return { ok: true, value: scalar.value };
  const quoted = `"${scalar.text}"`;
  return {
    ok: false,
    hint: {
      ja: `文字列にするには引用符で囲みます: ${quoted}`,
      en: `put it in quotes to make it text: ${quoted}`,
    },
  };
}

/** A type built on another one's text: quotes are demanded where YAML would see a number. */
export function textType<T>(facts: {
  readonly wanted: Bilingual;
  parse(text: string, spot: Spot): Parsed<T>;
  write?(value: T): unknown;
}): ValueType<T> {
  return scalarType({
    ...facts,
    parse(scalar, spot) {
      const text = textOf(scalar);
      return text.ok ? facts.parse(text.value, spot) : text;
    },
  });
}
