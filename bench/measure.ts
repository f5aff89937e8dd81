import { spawn } from 'node:child_process';

export type Measured = {
  readonly seconds: number;
  /** User and system time of the process and its children. */
  readonly cpuSeconds: number;
  readonly stdout: string;
};

/** Runs a command to its end; the shell's `times` gives the CPU time of everything below it. */
export async function measure(
  command: readonly string[],
  options: {
    readonly cwd: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly limitMs: number;
  },
): Promise<Measured> {
  const script = '"$@"; code=$?; times >&2; exit $code';
  const environment = { ...process.env, ...options.environment };
  const startedMs = performance.now();
  const child = spawn('bash', ['-c', script, 'bench', ...command], {
    cwd: options.cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(limit);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${stderr.slice(-2_000)}`);
  return { seconds: (performance.now() - startedMs) / 1000, cpuSeconds: childSeconds(stderr), stdout };
}

/** The last line of `times`: user and system time of the children, `0m1.234s 0m0.056s`. */
function childSeconds(stderr: string): number {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const times = [...last.matchAll(/(\d+)m([\d.]+)s/g)].map(
    (match) => Number(match[1]) * 60 + Number(match[2]),
  );
  if (times.length !== 2) throw new Error(`no times in: ${last}`);
  return times.reduce((sum, each) => sum + each, 0);
}
