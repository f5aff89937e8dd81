import { displayWidth } from './display-width.ts';

export type Wrapping = {
  /** Columns of the terminal. */
  readonly columns: number;
  /** Blanks before the first line, and before the others. */
  readonly first: string;
  readonly rest: string;
};

// A word in Latin letters, blanks, or one character of a script that is written without blanks.
const piece = /\s+|[\u0021-\u02ff\u0370-\u1fff\u2010-\u2027\u2030-\u206f]+|./gsu;

// JIS X 4051 (kinsoku): these do not begin a line, and those do not end one.
const neverFirst = /^[、。，．・：；？！」』）］｝〉》】〕ーぁぃぅぇぉっゃゅょァィゥェォッャュョ…]/u;
const neverLast = /[「『（［｛〈《【〔]$/u;

/** The text on several lines, broken at blanks or between Japanese characters; a word longer than a line stays whole. */
export function wrapText(text: string, { columns, first, rest }: Wrapping): string {
  const lines: string[] = [];
  let line = first;
  let width = displayWidth(first);
  let isEmpty = true;
  for (const unit of unitsOf(text)) {
    const unitWidth = displayWidth(unit);
    if (!isEmpty && width + displayWidth(unit.trimEnd()) > columns) {
      lines.push(line.trimEnd());
      line = rest;
      width = displayWidth(rest);
      isEmpty = true;
    }
    if (isEmpty && unit.trim() === '') continue;
    line += unit;
    width += unitWidth;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()].join('\n');
}

/** What stays together on a line. */
function unitsOf(text: string): readonly string[] {
  const units: string[] = [];
  for (const found of text.match(piece) ?? []) {
    const before = units.at(-1);
    const joins = before !== undefined && (neverFirst.test(found) || neverLast.test(before));
    if (joins) units[units.length - 1] = before + found;
    else units.push(found);
  }
  return units;
}
