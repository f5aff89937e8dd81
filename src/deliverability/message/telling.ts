import type { Finding, FindingMaker } from '../../findings/index.ts';

/** What was seen of one fault; `subject`: the field, part or link it is about. */
export type Seen = {
  readonly subject?: string;
  readonly evidence: string;
  readonly values?: Readonly<Record<string, string | number>>;
};

/** Tells of one fault of a message by the entry of knowledge/findings/message.yaml. */
export type Tell = (entry: string, seen: Seen) => void;

export function tellInto(found: Finding[], finding: FindingMaker): Tell {
  const told = new Set<string>();
  return (entry, { subject = '', evidence, values }) => {
    // Ten broken signatures of one key are one fault.
    const fault = `${entry}\n${subject}\n${evidence}`;
    if (told.has(fault)) return;
    told.add(fault);
    found.push(
      finding(`message.${entry}`, { subject, evidence, ...(values === undefined ? {} : { values }) }),
    );
  };
}

// Ten examples say as much as a thousand.
const mostExamples = 10;

/** Examples on a line each, and how many more there are. */
export function exampleLines(lines: readonly string[]): string {
  const shown = lines.slice(0, mostExamples).map((line) => line.slice(0, 150));
  return lines.length > mostExamples
    ? [...shown, `… +${lines.length - mostExamples}`].join('\n')
    : shown.join('\n');
}
