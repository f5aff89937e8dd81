import { isAbsolute, resolve } from 'node:path';
import { nearest } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { scalarType, textType } from './value-type.ts';
import type { Parsed, ValueType } from './value-type.ts';

/** Any text of one line, at least one character. */
export const text: ValueType<string> = textType({
  wanted: { ja: ' 1 行の文字列', en: 'one line of text' },
  parse: (value) => ({ ok: value !== '' && !/[\r\n]/.test(value), value }),
});

export function integer(range: { readonly min: number; readonly max: number }): ValueType<number> {
  return scalarType({
    wanted: {
      ja: ` ${range.min} から ${range.max} までの整数`,
      en: `a whole number from ${range.min} to ${range.max}`,
    },
    parse(scalar) {
      const value = numberOf(scalar.value);
      const fits = Number.isSafeInteger(value) && value >= range.min && value <= range.max;
      return fits ? { ok: true, value } : { ok: false };
    },
  });
}

/** A number with or without a fraction. */
export function number(range: { readonly min: number; readonly max: number }): ValueType<number> {
  return scalarType({
    wanted: {
      ja: ` ${range.min} から ${range.max} までの数`,
      en: `a number from ${range.min} to ${range.max}`,
    },
    parse(scalar) {
      const value = numberOf(scalar.value);
      return value >= range.min && value <= range.max ? { ok: true, value } : { ok: false };
    },
  });
}

/** NaN for what is no number; a string of digits counts only because environment variables are strings. */
function numberOf(value: string | number | boolean | null): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
}

export const boolean: ValueType<boolean> = scalarType({
  wanted: { ja: ' true か false ', en: 'true or false' },
  parse(scalar) {
    if (scalar.value === true || scalar.text === 'true') return { ok: true, value: true };
    if (scalar.value === false || scalar.text === 'false') return { ok: true, value: false };
    return { ok: false };
  },
});

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): ValueType<Word> {
  const listed = words.join(', ');
  return scalarType<Word>({
    wanted: { ja: ` ${listed} のどれか`, en: `one of ${listed}` },
    parse(scalar) {
      const found = words.find((word) => word === scalar.value);
      if (found !== undefined) return { ok: true, value: found };
      const near = nearest(scalar.text, words);
      return near === null
        ? { ok: false }
        : { ok: false, hint: { ja: `${near} のことですか`, en: `did you mean ${near}?` } };
    },
  });
}

const durationUnits = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** Milliseconds, written `30s`, `5m`, `4h`, `5d`, `250ms`. Default range: 1 ms to a year. */
export function duration(range?: { readonly minMs?: number; readonly maxMs?: number }): ValueType<number> {
  const minMs = range?.minMs ?? 1;
  const maxMs = range?.maxMs ?? 365 * 86_400_000;
  return scalarType({
    wanted: {
      ja: `時間（${durationText(minMs)} から ${durationText(maxMs)} まで。例: 30s, 5m, 4h, 5d）`,
      en: `a duration from ${durationText(minMs)} to ${durationText(maxMs)} such as 30s, 5m, 4h or 5d`,
    },
    unitSuffix: 'Ms',
    parse(scalar) {
      if (/^\d+(\.\d+)?$/.test(scalar.text)) {
        const choices = ['s', 'm', 'h', 'd'].map((unit) => `${scalar.text}${unit}`);
        return { ok: false, hint: unitHint(choices) };
      }
      return withUnit(scalar.text, { units: durationUnits, min: minMs, max: maxMs });
    },
    write: durationText,
  });
}

const sizeUnits = [
  ['GiB', 1024 ** 3],
  ['GB', 1e9],
  ['MiB', 1024 ** 2],
  ['MB', 1e6],
  ['KiB', 1024],
  ['KB', 1000],
  ['B', 1],
] as const;

/** Octets, written `10MB` (1000s) or `10MiB` (1024s, IEC 80000-13). */
export function size(range: { readonly minBytes: number; readonly maxBytes: number }): ValueType<number> {
  const span = [sizeText(range.minBytes), sizeText(range.maxBytes)];
  return scalarType({
    wanted: {
      ja: `大きさ（${span.join(' から ')} まで。例: 500KB, 10MB）`,
      en: `a size from ${span.join(' to ')} such as 500KB or 10MB`,
    },
    unitSuffix: 'Bytes',
    parse(scalar) {
      if (/^\d+(\.\d+)?$/.test(scalar.text)) {
        const choices = ['KB', 'MB', 'GB'].map((unit) => `${scalar.text}${unit}`);
        return { ok: false, hint: unitHint(choices) };
      }
      return withUnit(scalar.text, { units: sizeUnits, min: range.minBytes, max: range.maxBytes });
    },
    write: sizeText,
  });
}

function unitHint(choices: readonly string[]): Bilingual {
  const all = choices.join(', ');
  return { ja: `単位を付けてください: ${all} など`, en: `add its unit: ${all}` };
}

type UnitFacts = {
  readonly units: readonly (readonly [string, number])[];
  readonly min: number;
  readonly max: number;
};

function withUnit(written: string, { units, min, max }: UnitFacts): Parsed<number> {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([A-Za-z]+)$/.exec(written);
  const factor = units.find(([name]) => name === match?.[2])?.[1];
  if (factor === undefined) return { ok: false };
  const value = Math.round(Number(match?.[1]) * factor);
  return value >= min && value <= max ? { ok: true, value } : { ok: false };
}

function durationText(ms: number): string {
  return inLargestUnit(ms, durationUnits);
}

function sizeText(octets: number): string {
  return inLargestUnit(octets, sizeUnits);
}

function inLargestUnit(value: number, units: readonly (readonly [string, number])[]): string {
  const [name, factor] = units.find(([, each]) => value >= each && value % each === 0) ?? ['', 1];
  return `${value / factor}${name}`;
}

/** `2026-11-24`: a day that exists. */
export const date: ValueType<string> = textType({
  wanted: { ja: '日付（例: 2026-11-24）', en: 'a date such as 2026-11-24' },
  parse(value) {
    const ms = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(value) : NaN;
    // 2026-02-30 is read as the second of March.
    const isDay = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value);
    return isDay ? { ok: true, value } : { ok: false };
  },
});

/** `21:00-08:00`: hours of the day, also over midnight. */
export const hoursOfDay: ValueType<string> = textType({
  wanted: { ja: '時間帯（例: 21:00-08:00）', en: 'hours such as 21:00-08:00' },
  parse(value) {
    const match = /^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.exec(value);
    const [opens, closes] = [match?.[1], match?.[2]?.replace('24:', '00:')];
    return match === null || opens === closes ? { ok: false } : { ok: true, value };
  },
});

/** A name of the IANA time zone database, or an offset such as `+09:00`. */
export const timezone: ValueType<string> = textType({
  wanted: { ja: 'タイムゾーン（例: Asia/Tokyo）', en: 'a time zone such as Asia/Tokyo' },
  parse(value) {
    try {
      return {
        ok: true,
        value: new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone,
      };
    } catch (error) {
      if (error instanceof RangeError) return { ok: false };
      throw error;
    }
  },
});

/** A name of lower case letters, digits and hyphens; anything else is a file, as `filePath`. */
export const nameOrFile: ValueType<string> = textType({
  wanted: { ja: '名前かファイル名', en: 'a name or a file name' },
  parse(value, spot) {
    if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(value)) return { ok: true, value };
    if (value === '' || value.includes('\0')) return { ok: false };
    return { ok: true, value: isAbsolute(value) ? value : resolve(spot.baseDirectory, value) };
  },
});

/** A file, absolute or relative to the folder of the configuration file. Whether it exists is checked by its user. */
export const filePath: ValueType<string> = textType({
  wanted: { ja: 'ファイル名', en: 'a file name' },
  parse(value, spot) {
    if (value === '' || value.includes('\0')) return { ok: false };
    return { ok: true, value: isAbsolute(value) ? value : resolve(spot.baseDirectory, value) };
  },
});
