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

/** The first value of that name on one line; null when it is absent or empty. */
export function fieldOf(group: FieldGroup, name: string): string | null {
  const value = readableValue((group.get(name)?.[0] ?? '').replaceAll('\n', ' ').trim());
  return value === '' ? null : value;
}

/** The value behind its type (`rfc822; a@b`, RFC 3464 §2.1.2), with the type in lower case. */
export function typedField(
  group: FieldGroup,
  name: string,
): { readonly type: string; readonly value: string } | null {
  const value = fieldOf(group, name);
  if (value === null) return null;
  const typed = /^\s*([A-Za-z][A-Za-z0-9-]{0,40})\s*;\s*(.*)$/s.exec(value);
  return typed === null
    ? { type: '', value }
    : { type: (typed[1] ?? '').toLowerCase(), value: (typed[2] ?? '').trim() };
}
