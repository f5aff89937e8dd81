import type { RejectedRow } from '../contacts/index.ts';
import type { CommandContext } from './command.ts';

/** One line for each row that an import left out: where, why, and enough of it to find it again. */
export function rejectedLines(
  { say, language }: Pick<CommandContext, 'say' | 'language'>,
  rows: readonly RejectedRow[],
): readonly string[] {
  return rows.map((row) => `  ${placeText(say, row.line)}: ${row.reason[language]}: ${oneLine(row.text)}`);
}

/** `12 行目` */
export function placeText(say: CommandContext['say'], line: number): string {
  return say({ ja: `${line} 行目`, en: `line ${line}` });
}

// A row is shown to find it again, not to read it.
const shownCharacters = 60;

function oneLine(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ');
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}
