import { AppError, nearest } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { placeText } from './raw-value.ts';
import type { RawMap, RawValue } from './raw-value.ts';
import { badValue } from './value-type.ts';
import type { Decoded, Field, Spot, ValueType } from './value-type.ts';

/** A key that may stay without a value. */
export function optional<T>(type: ValueType<T>): ValueType<T | null> {
  return {
    wanted: type.wanted,
    unitSuffix: type.unitSuffix,
    decode: (raw, spot) => type.decode(raw, spot),
    write: (value) => (value === null ? null : type.write(value)),
  };
}

/** `[a, b]` or one `- a` a line. */
export function listOf<T>(item: ValueType<T>): ValueType<readonly T[]> {
  return {
    wanted: { ja: `リスト（各項目は${item.wanted.ja}）`, en: `a list, each item ${item.wanted.en}` },
    unitSuffix: '',
    decode(raw, spot) {
      if (raw.kind !== 'list') return { ok: false, errors: [notAList(raw, spot)] };
      const values: T[] = [];
      const errors: AppError[] = [];
      for (const [index, element] of raw.items.entries()) {
        const decoded = item.decode(element, { ...spot, key: `${spot.key}[${index}]` });
        if (decoded.ok) values.push(decoded.value);
        else errors.push(...decoded.errors);
      }
      return errors.length === 0 ? { ok: true, value: values } : { ok: false, errors };
    },
    write: (values) => values.map((value) => item.write(value)),
    item,
  };
}

function notAList(raw: RawValue, spot: Spot): AppError {
  const written = raw.kind === 'scalar' ? `["${raw.text}"]` : '- …';
  const hint: Bilingual = { ja: `リストの形で書きます: ${written}`, en: `write it as a list: ${written}` };
  return badValue(raw, {
    spot,
    wanted: { ja: 'リスト', en: 'a list' },
    ...(raw.kind === 'scalar' ? { hint } : {}),
  });
}

type Fields<T> = { readonly [Name in keyof T & string]: Field<T[Name]> };

/** An entry with named fields. */
export function objectOf<T extends object>(fields: Fields<T>): ValueType<T> {
  const known = Object.entries<Field<unknown>>(fields);
  const names = known.map(([name]) => name).join(', ');
  const wanted = { ja: `${names} を持つ組`, en: `an entry with ${names}` };
  return {
    wanted,
    unitSuffix: '',
    fields: known,
    decode(raw, spot) {
      if (raw.kind !== 'map') return { ok: false, errors: [badValue(raw, { spot, wanted })] };
      return decodeFields<T>(raw, { known, spot });
    },
    write: (value) => writeFields(value, known),
  };
}

type KnownFields = readonly (readonly [string, Field<unknown>])[];

type FieldFacts = { readonly known: KnownFields; readonly spot: Spot };

function decodeFields<T>(raw: RawMap, { known, spot }: FieldFacts): Decoded<T> {
  const values: Record<string, unknown> = {};
  const errors: AppError[] = [];
  for (const entry of raw.entries.values()) {
    if (!known.some(([name]) => name === entry.key)) {
      errors.push(
        unknownField(`${spot.key}.${entry.key}`, { at: placeText(entry.place), name: entry.key, known }),
      );
    }
  }
  for (const [name, field] of known) {
    const entry = raw.entries.get(name);
    const key = `${spot.key}.${name}`;
    if (entry !== undefined) {
      const decoded = field.type.decode(entry.value, { ...spot, key });
      if (decoded.ok) values[name] = decoded.value;
      else errors.push(...decoded.errors);
    } else if (field.fallback === undefined) {
      errors.push(missingField(raw, { key, wanted: field.type.wanted }));
    } else {
      values[name] = 'value' in field.fallback ? field.fallback.value : values[field.fallback.sameAs];
    }
  }
  if (errors.length > 0) return { ok: false, errors };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each field of T was decoded by its own type or fell back
  return { ok: true, value: values as T };
}

function writeFields(value: object, known: KnownFields): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  const values = new Map<string, unknown>(Object.entries(value));
  for (const [name, field] of known) {
    const fieldValue = values.get(name);
    if (fieldValue !== null) written[name] = field.type.write(fieldValue);
  }
  return written;
}

type UnknownFieldFacts = {
  readonly at: string;
  readonly name: string;
  readonly known: readonly (readonly [string, unknown])[];
};

function unknownField(key: string, { at, name, known }: UnknownFieldFacts): AppError {
  const names = known.map(([field]) => field);
  const near = nearest(name, names);
  const all = names.join(', ');
  return new AppError({
    code: 'config-unknown-field',
    message: { ja: `${at}: ${key} という項目はありません`, en: `${at}: there is no field ${key}` },
    hint:
      near === null
        ? { ja: `使える項目: ${all}`, en: `the fields are: ${all}` }
        : { ja: `${near} のことですか`, en: `did you mean ${near}?` },
  });
}

function missingField(raw: RawMap, facts: { readonly key: string; readonly wanted: Bilingual }): AppError {
  const at = placeText(raw.place);
  return new AppError({
    code: 'config-missing-field',
    message: { ja: `${at}: ${facts.key} がありません`, en: `${at}: ${facts.key} is missing` },
    hint: { ja: `${facts.wanted.ja.trim()}を書いてください`, en: `give it ${facts.wanted.en}` },
  });
}
