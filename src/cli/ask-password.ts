import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { AppError } from '../base/index.ts';
import type { CommandContext } from './command.ts';

/** First line of a file. */
export function passwordIn(file: string): string {
  let password: string;
  try {
    password = readFileSync(file, 'utf8').replace(/\r?\n[\s\S]*$/, '');
  } catch (error) {
    throw unreadable(file, error);
  }
  if (password === '') throw unreadable(file);
  return password;
}

function unreadable(file: string, cause?: unknown): AppError {
  return new AppError({
    code: 'password-file-unreadable',
    message: {
      ja: `--password-file ${file} を読めないか、空です`,
      en: `--password-file ${file} cannot be read or is empty`,
    },
    hint: { ja: '1 行目にパスワードを書いてください', en: 'write the password on its first line' },
    cause,
  });
}

/** Asks on the terminal and shows nothing of what is typed; from a pipe, the first line. */
export async function askPassword({ stdin, output, say }: CommandContext): Promise<string> {
  output.stderr.write(say({ ja: 'パスワード: ', en: 'Password: ' }));
  // readline echoes to its output: there is none.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const isTerminal = 'isTTY' in stdin && stdin.isTTY === true;
  const lines = createInterface({ input: stdin, output: silent, terminal: isTerminal });
  const ended = once(lines, 'close').then(() => ['']);
  const [line]: readonly unknown[] = await Promise.race([once(lines, 'line'), ended]);
  lines.close();
  output.stderr.write('\n');
  return typeof line === 'string' ? line : '';
}
