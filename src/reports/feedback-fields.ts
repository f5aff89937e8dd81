import { reportLimits } from './report-limits.ts';

/** The fields of a `message/feedback-report` (RFC 5965 §3.1): name in lower case, values as sent, folds and all. */
export type FeedbackFields = ReadonlyMap<string, readonly string[]>;

// RFC 5965 and RFC 6591 define 25 fields, of which some repeat.
const mostFields = 500;

/** Lenient: lines that are no field are passed over. */
export function readFeedbackFields(text: string): FeedbackFields {
  const fields = new Map<string, string[]>();
  let last: string[] | null = null;
  let count = 0;
  for (const line of text.replaceAll(/\r\n?/g, '\n').split('\n', mostFields * 40)) {
    if (/^[ \t]/.test(line) && last !== null) {
      const value = `${last.at(-1) ?? ''}\n${line.trimEnd()}`;
      if (value.length <= reportLimits.headerCharacters && line.trim() !== '') last[last.length - 1] = value;
      continue;
    }
    const found = /^([!-9;-~]{1,60})[ \t]*:(.*)$/.exec(line);
    if (found === null || count >= mostFields) continue;
    count += 1;
    const name = (found[1] ?? '').toLowerCase();
    last = fields.get(name) ?? [];
    last.push((found[2] ?? '').trim());
    fields.set(name, last);
  }
  return fields;
}

/** All values of a field that say something. */
export function valuesOf(fields: FeedbackFields, name: string): readonly string[] {
  return (fields.get(name) ?? [])
    .map((value) => value.trim())
    .filter((value) => value !== '')
    .slice(0, reportLimits.listItems);
}

/** The first value of a field; null when there is none. */
export function valueOf(fields: FeedbackFields, name: string): string | null {
  return valuesOf(fields, name)[0] ?? null;
}

/** The same without folds, at most as long as any text of a report. */
export function lineOf(fields: FeedbackFields, name: string): string | null {
  return valueOf(fields, name)?.replaceAll(/\s+/g, ' ').slice(0, reportLimits.textCharacters) ?? null;
}
