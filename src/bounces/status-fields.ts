import { readableValue } from '../protocol/mime/index.ts';

/** One group of `Name: value` fields (RFC 3464 §2.1), names in lower case. */
export type FieldGroup = ReadonlyMap<string, readonly string[]>;

// A report names at most a few hundred recipients; a field of several KB is a transcript.
const mostGroups = 200;
const longestValueChars = 4_096;

const fieldLine = /^([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:[ \t]*(.*)$/;

/** Groups are apart by empty lines; a line that is neither field nor folded goes on with the field before it. */
export function readGroups(text: string): readonly FieldGroup[] {
  const groups: Map<string, string[]>[] = [];
  let group = new Map<string, string[]>();
  let values: string[] | null = null;
  const close = (): void => {
    if (group.size > 0 && groups.length < mostGroups) groups.push(group);
    group = new Map();
    values = null;
  };
  for (const line of text.split('\n')) {
    const match = /^[ \t]/.test(line) ? null : fieldLine.exec(line);
    if (line.trim() === '') close();
    else if (match !== null) values = take(group, match);
    else if (values !== null && !line.startsWith('--')) goOn(values, line);
  }
  close();
  return groups;
}

function take(group: Map<string, string[]>, match: RegExpExecArray): string[] {
  const name = (match[1] ?? '').toLowerCase();
  const values = group.get(name) ?? [];
  values.push((match[2] ?? '').slice(0, longestValueChars));
  group.set(name, values);
  return values;
}

function goOn(values: string[], line: string): void {
  const last = values.length - 1;
  const value = values[last] ?? '';
  if (value.length < longestValueChars) values[last] = `${value}\n${line.trim()}`;
}

/** The first value of that name on one line, as it stands; null when it is absent or empty. */
export function rawField(group: FieldGroup, name: string): string | null {
  const value = (group.get(name)?.[0] ?? '').replaceAll('\n', ' ').trim();
  return value === '' ? null : value;
}

/** The same for people: encoded words and charsets decoded. */
export function fieldOf(group: FieldGroup, name: string): string | null {
  const value = rawField(group, name);
  return value === null ? null : readableValue(value);
}

/** A value and its type (`rfc822; a@b`, RFC 3464 §2.1.2), the type in lower case. */
export type TypedValue = { readonly type: string; readonly value: string };

/** Takes a typed value apart; without a type it is all value. */
export function typed(value: string | null): TypedValue | null {
  if (value === null) return null;
  const match = /^\s*([A-Za-z][A-Za-z0-9/-]{0,40})\s*;\s*(.*)$/s.exec(value);
  return match === null
    ? { type: '', value }
    : { type: (match[1] ?? '').toLowerCase(), value: (match[2] ?? '').trim() };
}

/** The first value of that name behind its type. */
export function typedField(group: FieldGroup, name: string): TypedValue | null {
  return typed(fieldOf(group, name));
}
