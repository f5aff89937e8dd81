import { PassThrough, Readable } from 'node:stream';
import type { CliOptions } from '../../src/cli/index.ts';
import { runCli } from '../../src/cli/index.ts';
import { FakeClock } from './fake-clock.ts';

export type CliResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** Runs a command line in this process and returns what it wrote. */
export async function runInProcess(
  argv: readonly string[],
  more: Partial<CliOptions> = {},
): Promise<CliResult> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exitCode = await runCli({
    argv,
    environment: {},
    stdin: Readable.from([]),
    stdout,
    stderr,
    clock: new FakeClock(),
    version: '1.2.3',
    hostname: 'host.test',
    interruption: () => new AbortController().signal,
    ...more,
  });
  return { exitCode, stdout: textOf(stdout), stderr: textOf(stderr) };
}

function textOf(stream: PassThrough): string {
  const bytes: unknown = stream.read();
  return Buffer.isBuffer(bytes) ? bytes.toString() : '';
}
