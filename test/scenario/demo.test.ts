// The first thing that a newcomer runs: what it prints is right, what it proposes works, and Ctrl-C loses nothing.
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startSimulator } from '../../simulator/index.ts';
import type { Expectation, Simulator } from '../../simulator/index.ts';
import { displayWidth } from '../../src/cli/display-width.ts';
import { root } from '../support/source-tree.ts';

const bin = path.join(root, 'bin/todoku.js');
const folder = mkdtempSync(path.join(tmpdir(), 'todoku-demo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
type Running = {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ended>;
};

function start(argv: readonly string[], language = 'ja_JP.UTF-8'): Running {
  const child = spawn(process.execPath, [bin, ...argv], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', LANG: language },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, stdout, stderr }));
  return { child, ended };
}

const run = async (argv: readonly string[], language?: string): Promise<Ended> =>
  await start(argv, language).ended;

const count = z.looseObject({
  accepted: z.int(),
  delivered: z.int(),
  bounced: z.int(),
  suppressed: z.int(),
  expired: z.int(),
  cancelled: z.int(),
  waiting: z.int(),
});
const why = z.looseObject({ state: z.string(), verdict: z.string().nullable(), party: z.string() });

/** The commands under “try next”: lines that begin as one types them. */
function proposals(stdout: string): readonly (readonly string[])[] {
  return [...stdout.matchAll(/^npx todoku (.+)$/gm)].map(([, line = '']) => line.split(' '));
}

function addsUp(result: z.infer<typeof count>): boolean {
  const { accepted, delivered, bounced, suppressed, expired, cancelled, waiting } = result;
  return accepted === delivered + bounced + suppressed + expired + cancelled + waiting;
}

function addresses(name: string): readonly string[] {
  const rows = readFileSync(path.join(folder, name, 'recipients.csv'), 'utf8')
    .trimEnd()
    .split('\r\n');
  return rows.slice(1).map((row) => row.split(',')[0] ?? '');
}

const recipients = 600;
const fates: { readonly [Fate in Expectation['fate']]: string } = {
  delivered: 'delivered',
  refused: 'bounced',
  expired: 'expired',
  uncertain: 'expired',
};

describe('600 recipients', () => {
  let ended: Ended;
  beforeAll(async () => {
    ended = await run(['demo', '--count', String(recipients), '--folder', 'ja']);
  });

  test('exits with 0, and its numbers add up in words and in the ledger', async () => {
    expect(ended.code).toBe(0);
    const total = /^合計 +([\d,]+) +(.+)$/m.exec(ended.stdout);
    const numbers = (text: string): readonly number[] => text.trim().split(/ +/).map(Number);
    expect(total?.[1]).toBe(String(recipients));
    expect(numbers(total?.[2] ?? '').reduce((sum, each) => sum + each, 0)).toBe(recipients);
    const missing = Number(/^[\d,]+ 通が届き、(\d+) 通は届きませんでした。/m.exec(ended.stdout)?.[1]);
    const reasons = [...ended.stdout.matchAll(/^ *(\d+) {2}\D.*$/gm)].map((line) => Number(line[1]));
    expect(reasons.length).toBeGreaterThan(5);
    expect(reasons.reduce((sum, each) => sum + each, 0)).toBe(missing);
    const ledger = await run(['ledger', '--json', '--config', 'ja/todoku.yaml']);
    expect(ledger.code).toBe(0);
  });

  test('every recipient ends as the simulated internet has it', async () => {
    const simulator: Simulator = await startSimulator({ seed: 'todoku', folder: path.join(folder, 'seer') });
    const everybody = addresses('ja');
    const expected = new Map(everybody.map((each) => [each, simulator.expected(each)]));
    await simulator.stop();
    const tally = (fate: string): number =>
      [...expected.values()].filter((each) => fates[each.fate] === fate).length;
    const { stdout } = await run(['ledger', '--json', '--config', 'ja/todoku.yaml']);
    const { total } = z.looseObject({ total: count }).parse(JSON.parse(stdout));
    // Words in the mail and its pace may turn single messages away beyond what is foretold: none does in this one.
    expect(total).toMatchObject({
      accepted: recipients,
      delivered: tally('delivered'),
      bounced: tally('bounced'),
      expired: tally('expired'),
      waiting: 0,
    });
    const chosen = new Map<string, string>();
    for (const [address, { fate, behaviour, provider }] of expected)
      if (fate !== 'delivered') chosen.set(`${provider} ${fate} ${behaviour}`, address);
    expect(chosen.size).toBeGreaterThan(8);
    for (const address of chosen.values()) {
      const { stdout: text } = await run(['why', address, '--json', '--config', 'ja/todoku.yaml']);
      const { state, verdict, party } = why.parse(JSON.parse(text));
      const { fate, verdict: foretold } = expected.get(address) ?? { fate: 'delivered', verdict: null };
      expect({ address, state }).toEqual({ address, state: fates[fate] });
      if (fate === 'refused') expect({ address, verdict }).toEqual({ address, verdict: foretold });
      expect(party).not.toBe('nobody');
    }
  });

  test('each command that it proposes works', async () => {
    const commands = proposals(ended.stdout);
    expect(commands.map(([name]) => name)).toEqual(['why', 'why', 'why', 'ledger', 'config', 'send']);
    for (const argv of commands) {
      const { code, stdout } = await run(argv);
      expect({ argv, code }).toEqual({ argv, code: 0 });
      expect(stdout).not.toBe('');
    }
  });

  test('no line is wider than 80 columns but those that are for machines', () => {
    const wide = ended.stdout.split('\n').filter((line) => displayWidth(line) > 80);
    // Not on a terminal the table shows an example for each reason.
    expect(wide.filter((line) => !line.startsWith('npx ') && !/\S+@\S+$|^-+ |例$/.test(line))).toEqual([]);
  });

  test('again in the same folder: a second campaign with the same outcome, as one JSON document', async () => {
    const second = await run(
      ['demo', '--count', String(recipients), '--folder', 'ja', '--json'],
      'en_US.UTF-8',
    );
    expect(second.code).toBe(0);
    const result = count.parse(JSON.parse(second.stdout));
    expect(addsUp(result)).toBe(true);
    expect(result).toMatchObject({ accepted: recipients, waiting: 0 });
  });
});

test('in English every word is English', async () => {
  const { code, stdout } = await run(['demo', '--count', '60', '--folder', 'en'], 'en_US.UTF-8');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^total +60 /m);
  expect(stdout).toContain('Try next:');
  expect(stdout).not.toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
});

test('Ctrl-C ends with 130 and proposes the command that goes on to the end', async () => {
  const { child, ended } = start(['demo', '--count', '3000', '--folder', 'stopped'], 'en_US.UTF-8');
  await new Promise<void>((resolve) => {
    // Said once the list is stored: from here on mails are on their way.
    child.stderr.on('data', (text: string) => {
      if (text.includes('recipients accepted')) resolve();
    });
  });
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(130);
  const [resume, ...others] = proposals(stdout);
  expect(resume?.[0]).toBe('resume');
  expect(others).toEqual([]);
  const finished = await run([...(resume ?? []), '--json']);
  expect(finished.code).toBe(0);
  const result = count.parse(JSON.parse(finished.stdout));
  expect(result).toMatchObject({ accepted: 3000, waiting: 0 });
  expect(addsUp(result)).toBe(true);
  expect((await run(['ledger', '--config', 'stopped/todoku.yaml'])).code).toBe(0);
}, 120_000);
