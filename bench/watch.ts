import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { median } from './median.ts';

/** Memory of one process over its life, MB of 2^20 octets resident. */
export type Memory = {
  readonly peakMb: number;
  /** Median of the samples: what it needs most of the time. */
  readonly steadyMb: number;
};

export type Watched = {
  readonly stdout: string;
  /** `performance.now()` at the start of the command. */
  readonly startedMs: number;
  readonly memory: Memory;
};

// Short enough to see a page of ids come and go; /proc keeps the highest mark between the looks.
const sampleEveryMs = 100;

/** Runs a command and looks at the memory of its process meanwhile. */
export async function watch(
  command: readonly string[],
  options: { readonly cwd: string; readonly limitMs: number },
): Promise<Watched> {
  const [program = '', ...parameters] = command;
  const startedMs = performance.now();
  const child = spawn(program, parameters, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const samples: number[] = [];
  let peakMb = 0;
  const sampling = setInterval(() => {
    const seen = residentMb(child.pid);
    if (seen === null) return;
    samples.push(seen.nowMb);
    peakMb = seen.peakMb;
  }, sampleEveryMs);
  const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs);
  try {
    await once(child, 'close');
  } finally {
    clearInterval(sampling);
    clearTimeout(limit);
  }
  if (child.exitCode !== 0)
    throw new Error(`${command.join(' ')} ended with ${child.exitCode}: ${stderr.slice(-2_000)}`);
  return { stdout, startedMs, memory: { peakMb, steadyMb: median(samples) } };
}

/** proc(5), status: VmRSS is what is resident now, VmHWM the most that ever was. */
function residentMb(pid: number | undefined): { readonly nowMb: number; readonly peakMb: number } | null {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch (error) {
    // It ended between two looks.
    if (error instanceof Error) return null;
    throw error;
  }
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
  const seen = { nowMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
  // A process that has ended and was not waited for has no memory lines.
  return Number.isNaN(seen.nowMb) ? null : seen;
}
