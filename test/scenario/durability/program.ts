import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { root } from '../../support/source-tree.ts';

// The program as a user starts it, in a process of its own, with a campaign from a file.

const bin = join(root, 'bin/todoku.js');

export type CampaignPlan = {
  /** Where configuration and files go. */
  readonly folder: string;
  /** Of the inbox. */
  readonly port: number;
  readonly recipients: number;
  /** Lines of YAML below `delivery:`, indented by two. */
  readonly delivery?: readonly string[];
};

export const sendArguments: readonly string[] = [
  'send',
  '--from',
  'News <news@sender.example>',
  '--subject',
  'Number {{ number }}',
  '--template',
  'mail.html',
  '--recipients',
  'recipients.csv',
  '--json',
];

export function addressOf(row: number): string {
  return `r${row}@inbox.example`;
}

/** Writes what `sendArguments` needs: signed by Ed25519, two threads, everything goes to the inbox. */
export function writeCampaign({ folder, port, recipients, delivery = [] }: CampaignPlan): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(file('mail.html'), '<p>Hello {{ name }}, this is number {{ number }}.</p>\n');
  const rows = Array.from({ length: recipients }, (_, row) => `${addressOf(row)},Name ${row},${row}`);
  writeFileSync(file('recipients.csv'), `email,name,number\n${rows.join('\n')}\n`);
  const lines = [
    'delivery:',
    `  routes: [{ domain: "*", host: 127.0.0.1, port: ${port} }]`,
    '  hostname: sender.example',
    '  tls: none',
    ...(delivery.some((line) => line.includes('threads:')) ? [] : ['  threads: 2']),
    ...delivery,
    'domains:',
    '  - name: sender.example',
    '    returnPath: bounce.sender.example',
    '    dkim: [{ selector: s1, key: key.pem, algorithm: ed25519-sha256 }]',
  ];
  writeFileSync(file('todoku.yaml'), `${lines.join('\n')}\n`);
}

export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type Program = {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ended>;
  /** Resolves when `text` has been said on stderr; rejects when the program ends without. */
  said(text: string): Promise<void>;
};

export type ProgramOptions = {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Comes before the program on the command line: `sh -c 'ulimit …; exec "$@"' sh`. */
  readonly through?: readonly string[];
};

/** Starts `todoku` in `folder`; it dies with the test at the latest. */
export function startProgram(argv: readonly string[], options: ProgramOptions): Program {
  const [command = '', ...rest] = [...(options.through ?? []), process.execPath, bin, ...argv];
  const child = spawn(command, rest, {
    cwd: options.folder,
    env: { PATH: process.env['PATH'] ?? '', LANG: 'en_US.UTF-8', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(() => ({
    code: child.exitCode,
    signal: child.signalCode,
    stdout,
    stderr,
  }));
  return {
    child,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stderr.includes(text)) resolve();
        };
        child.stderr.on('data', look);
        child.once('close', () => reject(new Error(`ended without saying "${text}":\n${stderr}`)));
        look();
      }),
  };
}

export async function runProgram(argv: readonly string[], options: ProgramOptions): Promise<Ended> {
  return await startProgram(argv, options).ended;
}

const counts = z.looseObject({
  accepted: z.int(),
  delivered: z.int(),
  bounced: z.int(),
  suppressed: z.int(),
  expired: z.int(),
  cancelled: z.int(),
  waiting: z.int(),
});
export type Counts = z.infer<typeof counts>;

/** The one JSON document of `send --json` and `resume --json`. */
export function answerOf({ stdout, stderr }: Ended): Counts {
  if (stdout === '') throw new Error(`no answer:\n${stderr}`);
  return counts.parse(JSON.parse(stdout));
}
