/** Part of the report that is not about contenders. */
export type Section = {
  readonly title: string;
  /** How it was measured, one sentence each. */
  readonly notes: readonly string[];
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

export function sectionText(section: Section): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = line(section.head.map((_cell, index) => (index === 0 ? '---' : '---:')));
  return [
    `### ${section.title}`,
    '',
    ...section.notes,
    '',
    line(section.head),
    rule,
    ...section.rows.map(line),
  ].join('\n');
}

/** Tells on stderr what is done: a run of a million takes minutes. */
export function tell(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}
