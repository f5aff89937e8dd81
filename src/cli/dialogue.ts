import { createInterface } from 'node:readline';
import type { CommandContext } from './command.ts';
import { textColumns } from './output.ts';
import { wrapText } from './wrap-text.ts';

/** Questions and answers, a line each; null: whoever answered has gone (end of the input). */
export type Dialogue = {
  /** Says something beside the result: on standard output, or on standard error where that is kept for JSON. */
  say(text: string, first?: string): void;
  read(): Promise<string | null>;
  close(): void;
};

/** Plain lines: works in any terminal, through a pipe, and for whoever hears a screen read aloud. */
export function openDialogue({ stdin, output, json }: CommandContext): Dialogue {
  const lines = createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const iterator = lines[Symbol.asyncIterator]();
  const stream = json ? output.stderr : output.stdout;
  const write = (text: string): void => (json ? output.note(text) : output.print(text));
  return {
    say(text, first = '') {
      const rest = ' '.repeat(first.length);
      write(text === '' ? '' : wrapText(text, { columns: textColumns(stream), first, rest }));
    },
    async read() {
      const { done, value } = await iterator.next();
      return done === true ? null : value.normalize('NFKC').trim();
    },
    close: () => lines.close(),
  };
}
