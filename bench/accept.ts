import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readAnswer } from './answer.ts';
import { limitMs } from './contenders/contender.ts';
import { measure } from './measure.ts';
import { median } from './median.ts';
import { treeCpuSeconds } from './process-tree.ts';
import { tell } from './section.ts';
import type { Section } from './section.ts';
import { startServing } from './serving.ts';

export type AcceptFigures = {
  readonly httpRate: number;
  readonly smtpRate: number;
  /** At half of that rate. */
  readonly httpP99Ms: number;
  readonly smtpP99Ms: number;
  /** An empty node:http handler with the same client. */
  readonly emptyRate: number;
};

type Kind = 'http' | 'smtp';
type Place = { readonly kind: Kind; readonly port: number; readonly token: string; readonly pid: number };
type Run = { readonly rate: number; readonly p50Ms: number; readonly p99Ms: number; readonly cpuMs: number };

const client = fileURLToPath(new URL('./accept-main.ts', import.meta.url));
const emptyProgram = fileURLToPath(new URL('./empty-http.ts', import.meta.url));
// Enough that a batch of the group commit is always waiting.
const connections = 64;
const shape = z.object({ seconds: z.number(), p50Ms: z.number(), p99Ms: z.number() });

async function submit(place: Place, count: number, perSecond: number): Promise<Run> {
  const { kind, port, token, pid } = place;
  const cpuBefore = treeCpuSeconds(pid);
  const task = JSON.stringify({ kind, port, token, connections, count, perSecond });
  const { stdout } = await measure([process.execPath, client, task], { cwd: tmpdir(), limitMs });
  const { seconds, p50Ms, p99Ms } = readAnswer(stdout, shape);
  const cpuMs = ((treeCpuSeconds(pid) - cpuBefore) * 1000) / count;
  return { rate: count / seconds, p50Ms, p99Ms, cpuMs };
}

/** A port that nobody listens on: what is accepted waits, so that accepting alone is measured. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function startEmpty(): Promise<{ readonly place: Place; readonly stop: () => void }> {
  const child = spawn(process.execPath, [emptyProgram], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { port } = readAnswer(String((await lines.next()).value), z.object({ port: z.number() }));
  const place = { kind: 'http' as const, port, token: 'none', pid: child.pid ?? 0 };
  return { place, stop: () => void child.stdin.end() };
}

export type AcceptOptions = { readonly rounds: number; readonly count: number };

/** How fast `todoku serve` says yes: mails of 2 KB, each on the disk before its answer. */
export async function measureAccept({
  rounds,
  count,
}: AcceptOptions): Promise<{ readonly figures: AcceptFigures; readonly section: Section }> {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-bench-'));
  const serving = await startServing({ folder, keyFile: null, port: await closedPort() });
  const empty = await startEmpty();
  const { token, pid } = serving;
  const http: Place = { kind: 'http', port: serving.httpPort, token, pid };
  const smtp: Place = { kind: 'smtp', port: serving.smtpPort, token, pid };
  const full: { readonly [Name in 'http' | 'smtp' | 'empty']: Run[] } = { http: [], smtp: [], empty: [] };
  const half: { readonly [Name in Kind]: Run[] } = { http: [], smtp: [] };
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const now = {
        http: await submit(http, count, 0),
        smtp: await submit(smtp, count, 0),
        empty: await submit(empty.place, count, 0),
      };
      tell(
        `accept round ${round}/${rounds} http ${Math.round(now.http.rate)}/s smtp ${Math.round(now.smtp.rate)}/s`,
      );
      // The first round warms the compiler up.
      if (round === 0) continue;
      for (const name of ['http', 'smtp', 'empty'] as const) full[name].push(now[name]);
      half.http.push(await submit(http, count / 2, now.http.rate / 2));
      half.smtp.push(await submit(smtp, count / 2, now.smtp.rate / 2));
    }
  } finally {
    await serving.stop();
    empty.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const of = (runs: readonly Run[], pick: (run: Run) => number): number => median(runs.map(pick));
  const row = (name: string, runs: readonly Run[], slow: readonly Run[] | null): readonly string[] => [
    name,
    String(Math.round(of(runs, ({ rate }) => rate))),
    of(runs, ({ cpuMs }) => cpuMs).toFixed(3),
    slow === null ? '' : of(slow, ({ p50Ms }) => p50Ms).toFixed(1),
    slow === null ? '' : of(slow, ({ p99Ms }) => p99Ms).toFixed(1),
  ];
  return {
    figures: {
      httpRate: of(full.http, ({ rate }) => rate),
      smtpRate: of(full.smtp, ({ rate }) => rate),
      emptyRate: of(full.empty, ({ rate }) => rate),
      httpP99Ms: of(half.http, ({ p99Ms }) => p99Ms),
      smtpP99Ms: of(half.smtp, ({ p99Ms }) => p99Ms),
    },
    section: {
      title: 'Accepting, 2 KB',
      notes: [
        `Mails handed over to \`todoku serve\` by ${connections} connections of a bare client on the same machine; yes is said when the mail is on the disk.`,
        'Latencies at half of the rate, counted from the time at which each mail was due. The last row is node:http with an empty handler.',
      ],
      head: ['door', 'mails/s', 'CPU ms a mail', 'p50 ms at half', 'p99 ms at half'],
      rows: [
        row('HTTP `POST /v1/messages`', full.http, half.http),
        row('SMTP submission', full.smtp, half.smtp),
        row('empty handler', full.empty, null),
      ],
    },
  };
}
