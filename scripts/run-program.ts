import { spawn } from 'node:child_process';
import path from 'node:path';

/** The folder that holds package.json. */
export const root: string = path.resolve(import.meta.dirname, '..');

/** What a finished program left: `output` is both its streams in the order they came, empty when `shown`. */
export type Finished = { readonly exitCode: number; readonly output: string };

export type Run = {
  readonly command: readonly string[];
  /** true: the program writes to this terminal itself. */
  readonly shown?: boolean;
};

/** Runs a program from the root with this package's own programs, its Node among them, first in PATH. */
export function runProgram({ command, shown = false }: Run): Promise<Finished> {
  const [program = '', ...programArguments] = command;
  const ownPrograms = path.join(root, 'node_modules', '.bin');
  const environment = { ...process.env, PATH: `${ownPrograms}${path.delimiter}${process.env['PATH'] ?? ''}` };
  return new Promise((resolve) => {
    const child = spawn(program, programArguments, {
      cwd: root,
      env: environment,
      stdio: shown ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    const parts: Buffer[] = [];
    child.stdout?.on('data', (part: Buffer) => parts.push(part));
    child.stderr?.on('data', (part: Buffer) => parts.push(part));
    child.once('error', (error) => resolve({ exitCode: 127, output: `${program}: ${error.message}\n` }));
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output: Buffer.concat(parts).toString() }));
  });
}
