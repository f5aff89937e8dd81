import type { Bilingual } from '../base/index.ts';
import { isTimezone } from '../delivery/index.ts';

type Row = { readonly line: number; readonly variables: Readonly<Record<string, string>> };

export type TimezoneCheck = {
  look(rows: readonly Row[]): void;
  /** What is to be told of the time zones of a list; null: nothing. */
  found(columns: readonly string[], campaign: { readonly hasWindow: boolean }): Bilingual | null;
};

// A mistake is nearly always the same in every row.
const mostKnown = 1_000;
const shownCharacters = 40;

/** Looks for time zones of a list that do not exist: their recipients would silently get those of everybody else. */
export function createTimezoneCheck(): TimezoneCheck {
  const known = new Map<string, boolean>();
  let rows = 0;
  let first: { readonly line: number; readonly name: string } | null = null;
  const isKnown = (name: string): boolean => {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (known.size >= mostKnown) known.clear();
    const now = isTimezone(name);
    known.set(name, now);
    return now;
  };
  return {
    look(batch) {
      for (const { line, variables } of batch) {
        const name = variables['timezone']?.trim() ?? '';
        if (name === '' || isKnown(name)) continue;
        rows++;
        first ??= { line, name: name.slice(0, shownCharacters).replaceAll(/\p{Cc}/gu, ' ') };
      }
    },
    found(columns, { hasWindow }) {
      if (first !== null) return unknownText(rows, first);
      const similar = columns.find((name) => name !== 'timezone' && meansTimezone(name));
      return hasWindow && similar !== undefined && !columns.includes('timezone')
        ? similarText(similar)
        : null;
    },
  };
}

function meansTimezone(name: string): boolean {
  const canonical = name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_-]/gu, '');
  return canonical === 'timezone' || canonical === 'タイムゾーン';
}

function unknownText(
  rows: number,
  { line, name }: { readonly line: number; readonly name: string },
): Bilingual {
  return {
    ja: `timezone 列に存在しないタイムゾーンが ${rows} 件あります（最初は ${line} 行目の「${name}」）。その宛先には --timezone などのものを使います`,
    en: `unknown time zones in the column timezone: ${rows} (the first, “${name}”, on line ${line}); those recipients get that of --timezone or the next that is known`,
  };
}

function similarText(name: string): Bilingual {
  return {
    ja: `「${name}」の列はタイムゾーンとして使われません。使うには列名を timezone にしてください`,
    en: `the column “${name}” is not used for the window; call it timezone to have it used`,
  };
}
