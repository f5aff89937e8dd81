import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, vi } from 'vitest';
import type { Ledger } from '../../src/campaigns/index.ts';
import type { DeliveryResult, SendResult } from '../../src/cli/index.ts';
import type { Why } from '../../src/delivery/index.ts';

const bin = join(import.meta.dirname, '../../bin/todoku.js');
// These tests start the program some sixty times; compiled code that is kept takes 0.23 s of CPU instead of 0.60 s each.
const compileCache = join(import.meta.dirname, '../../node_modules/.cache/compile');

// Tests that start the program many times take 2 to 20 s alone, and four times that beside six others on two cores.
vi.setConfig({ testTimeout: 240_000 });

export type TodokuEnd = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** `todoku` as a process of its own. It is Node itself, not the wrapper: a signal hits the engine. */
export type TodokuRun = {
  readonly pid: number;
  /** What it ended with; nobody has to wait for it at once. */
  readonly end: Promise<TodokuEnd>;
  kill(signal: 'SIGINT' | 'SIGKILL' | 'SIGTERM'): void;
  /** The first line on standard error that fits; rejects when it ends without one. */
  said(pattern: RegExp): Promise<string>;
  /** The same on standard output. */
  printed(pattern: RegExp): Promise<string>;
};

/** Starts a command in `folder`, whose todoku.yaml and data/ are the defaults of the command line. */
export function startTodoku(
  folder: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): TodokuRun {
  const child = spawn(process.execPath, [bin, ...argv], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      LANG: 'C',
      NODE_COMPILE_CACHE: compileCache,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const errors = linesOf(child.stderr);
  const output = linesOf(child.stdout);
  const end = endOf(child, errors.lines);
  const first = async (from: Lines, pattern: RegExp, where: string): Promise<string> => {
    const silent = end.then(({ stderr }) => {
      throw new Error(`ended without ${pattern} on standard ${where}:\n${stderr}`);
    });
    return await Promise.race([from.first(pattern), silent]);
  };
  return {
    pid: child.pid ?? 0,
    end,
    kill: (signal) => void child.kill(signal),
    said: (pattern) => first(errors, pattern, 'error'),
    printed: (pattern) => first(output, pattern, 'output'),
  };
}

type Lines = {
  readonly lines: readonly string[];
  /** The first that fits, now or later. */
  first(pattern: RegExp): Promise<string>;
};

function linesOf(stream: NodeJS.ReadableStream): Lines {
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line);
    for (const listener of listeners) listener(line);
  });
  return {
    lines,
    async first(pattern) {
      const known = lines.find((line) => pattern.test(line));
      if (known !== undefined) return known;
      return await new Promise<string>((resolve) => {
        listeners.add((line) => {
          if (pattern.test(line)) resolve(line);
        });
      });
    },
  };
}

async function endOf(child: ChildProcess, lines: readonly string[]): Promise<TodokuEnd> {
  const out: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  await once(child, 'close');
  return {
    code: child.exitCode,
    signal: child.signalCode,
    stdout: Buffer.concat(out).toString(),
    stderr: lines.join('\n'),
  };
}

/** Runs a command to its end. */
export async function runTodoku(
  folder: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<TodokuEnd> {
  return await startTodoku(folder, argv, environment).end;
}

/** The answer of `send --json`; that of `resume --json` lacks what belongs to the import. */
export function sendResult(end: TodokuEnd): SendResult {
  return document(end) as SendResult;
}

export function resumeResult(end: TodokuEnd): DeliveryResult {
  return document(end) as DeliveryResult;
}

export function whyAnswer(end: TodokuEnd): Why {
  return document(end) as Why;
}

/** Asks `todoku ledger --json`, which must say that it adds up, by its words and by its exit code. */
export async function askLedger(folder: string): Promise<Ledger> {
  const end = await runTodoku(folder, ['ledger', '--json']);
  const ledger = document(end) as Ledger;
  expect({ ...end, stdout: '', faults: ledger.faults }).toMatchObject({ code: 0, stderr: '', faults: [] });
  return ledger;
}

/** The one JSON document on standard output; anything beside it is an error. */
function document(end: TodokuEnd): unknown {
  if (!/^\{.*\}\n$/.test(end.stdout)) {
    throw new Error(`not one JSON document (exit ${end.code}): ${end.stdout.slice(0, 500)}\n${end.stderr}`);
  }
  return JSON.parse(end.stdout);
}
