import { hostname } from 'node:os';
import { systemClock } from '../base/index.ts';
import { runCli } from '../cli/index.ts';
import { createInterruption } from './interruption.ts';
import { packageVersion } from './version.ts';

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  version: packageVersion(),
  hostname: hostname(),
  interruption: createInterruption(
    {
      on: (signal, listener) => process.on(signal, listener),
      // oxlint-disable-next-line unicorn/no-process-exit -- the second Ctrl-C: what is under way must not hold it up
      exit: (code) => process.exit(code),
    },
    systemClock,
  ),
});
