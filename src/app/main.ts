import { hostname } from 'node:os';
import { systemClock, systemRandom } from '../base/index.ts';
import { runCli } from '../cli/index.ts';
import { writeDemo } from './demo-files.ts';
import { createInterruption } from './interruption.ts';
import { createOpenProduct } from './product.ts';
import { startSimulation } from './simulation.ts';
import { packageVersion } from './version.ts';

// What still holds the process so long after its command has ended (a connection attempt nobody waits for) ends with it.
const lingerMs = 300;

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  version: packageVersion(),
  hostname: hostname(),
  openProduct: createOpenProduct({ clock: systemClock, random: systemRandom, version: packageVersion() }),
  writeDemo,
  startSimulation,
  interruption: createInterruption(
    {
      on: (signal, listener) => process.on(signal, listener),
      // oxlint-disable-next-line unicorn/no-process-exit -- the second Ctrl-C: what is under way must not hold it up
      exit: (code) => process.exit(code),
    },
    systemClock,
  ),
});

// oxlint-disable-next-line unicorn/no-process-exit, no-restricted-globals -- see lingerMs
setTimeout(() => process.exit(), lingerMs).unref();
