import type { z } from 'zod';
import { nearest } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import type { Fault } from './problem.ts';

// More help nobody, and a body of a million wrong items would be answered with as many.
const mostFaults = 20;

type Issue = z.core.$ZodIssue;
export type FaultPlace = 'body' | 'query';

/** What a schema has against a value, in words; `known` are the names of the outermost object. */
export function faultsOf(
  issues: readonly Issue[],
  place: FaultPlace,
  known: readonly string[],
): readonly Fault[] {
  return issues
    .slice(0, mostFaults)
    .flatMap((issue) => faultsOfIssue(issue, known))
    .slice(0, mostFaults)
    .map(({ path, detail, cure }) => {
      const name = pointer(path);
      const where = place === 'body' ? { field: name } : { parameter: name };
      return { ...where, detail, ...(cure === undefined ? {} : { cure }) };
    });
}

type Said = {
  readonly path: readonly PropertyKey[];
  readonly detail: Bilingual;
  readonly cure?: Bilingual;
};

function faultsOfIssue(issue: Issue, known: readonly string[]): readonly Said[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey([...path, key], path.length === 0 ? known : []));
  if (issue.code === 'invalid_union') return [fromUnion(issue)];
  return [{ path, ...wordsOf(issue) }];
}

/** The branch that came furthest says it: of `to: ["a", 5]` that item 1 is no text, not that it is no text and no list. */
function fromUnion(issue: Extract<Issue, { code: 'invalid_union' }>): Said {
  const deepest = issue.errors
    .flat()
    .toSorted((a, b) => b.path.length - a.path.length)
    .find(({ path, code }) => path.length > 0 || code !== 'invalid_type');
  if (deepest !== undefined) return { path: [...issue.path, ...deepest.path], ...wordsOf(deepest) };
  const wanted = issue.errors.flat().flatMap((each) => (each.code === 'invalid_type' ? [each.expected] : []));
  return { path: issue.path, ...wrongType([...new Set(wanted)]) };
}

function unknownKey(path: readonly PropertyKey[], known: readonly string[]): Said {
  const name = shown(String(path.at(-1)));
  const meant = nearest(name, known);
  return {
    path,
    detail: { ja: `「${name}」という項目はありません`, en: `there is no field “${name}”` },
    cure:
      meant === null
        ? { ja: '取り除いてください', en: 'leave it out' }
        : { ja: `「${meant}」のことですか？`, en: `did you mean “${meant}”?` },
  };
}

type Words = { readonly detail: Bilingual; readonly cure?: Bilingual };

function wordsOf(issue: Issue): Words {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType([issue.expected], issue.input === undefined && 'input' in issue);
    case 'too_big':
      return bound(issue.origin, { ja: '以下', en: 'at most' }, Number(issue.maximum));
    case 'too_small':
      return bound(issue.origin, { ja: '以上', en: 'at least' }, Number(issue.minimum));
    case 'invalid_value': {
      const values = issue.values.map((value) => JSON.stringify(value) ?? String(value)).join(', ');
      return { detail: { ja: `${values} のどれかにしてください`, en: `must be one of ${values}` } };
    }
    case 'custom':
      return customWords(issue);
    default:
      return { detail: { ja: '形が正しくありません', en: issue.message } };
  }
}

/** Checks of our own carry their words with them. */
function customWords(issue: Extract<Issue, { code: 'custom' }>): Words {
  const text: unknown = issue.params?.['text'];
  return { detail: isBilingual(text) ? text : { ja: '正しくありません', en: issue.message } };
}

function isBilingual(value: unknown): value is Bilingual {
  return typeof value === 'object' && value !== null && 'ja' in value && 'en' in value;
}

const typeNames: Readonly<Record<string, Bilingual>> = {
  string: { ja: '文字列', en: 'a string' },
  number: { ja: '数値', en: 'a number' },
  int: { ja: '整数', en: 'a whole number' },
  boolean: { ja: 'true か false', en: 'true or false' },
  array: { ja: '配列', en: 'an array' },
  object: { ja: 'オブジェクト', en: 'an object' },
  record: { ja: 'オブジェクト', en: 'an object' },
  null: { ja: 'null', en: 'null' },
};

function wrongType(expected: readonly string[], missing = false): Words {
  const names = expected.map((each) => typeNames[each] ?? { ja: each, en: each });
  const ja = names.map((name) => name.ja).join('か');
  const en = names.map((name) => name.en).join(' or ');
  return missing
    ? { detail: { ja: `必要です（${ja}）`, en: `is missing; it must be ${en}` } }
    : { detail: { ja: `${ja}にしてください`, en: `must be ${en}` } };
}

function bound(origin: string, side: Bilingual, limit: number): Words {
  const unit: Bilingual =
    origin === 'string'
      ? { ja: ' 文字', en: ' characters' }
      : origin === 'array' || origin === 'set'
        ? { ja: ' 件', en: ' items' }
        : { ja: '', en: '' };
  return {
    detail: { ja: `${limit}${unit.ja}${side.ja}にしてください`, en: `${side.en} ${limit}${unit.en}` },
  };
}

/** RFC 6901 §3 without the first slash. */
function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => shown(String(step)).replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
}

// Names come from strangers, who may send a megabyte of them.
const longestNameCharacters = 60;

function shown(name: string): string {
  const line = name.replaceAll(/\p{Cc}+/gu, ' ');
  return line.length > longestNameCharacters ? `${line.slice(0, longestNameCharacters)}…` : line;
}
