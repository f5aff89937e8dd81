// A sink as its own process: `node simulator/sink-main.ts [--port N] [--address A] [--mode counts|duplicates] [--expect N]`.
// Prints {"port"} when it listens, and its statistics as one JSON line on SIGTERM, SIGINT or the end of stdin.
// stdin is what makes it end together with the program that started it, also when that one is killed.
import { parseArgs } from 'node:util';
import { startSink } from './sink.ts';
import type { SinkOptions } from './sink.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    address: { type: 'string', default: '127.0.0.1' },
    mode: { type: 'string', default: 'counts' },
    // A line {"reached"} once so many messages are in.
    expect: { type: 'string' },
    // For use from a terminal or under a supervisor whose stdin is /dev/null.
    'ignore-stdin': { type: 'boolean', default: false },
  },
});
const port = Number(values.port);
const { mode } = values;

if (!Number.isInteger(port) || port < 0 || port > 65_535) usage(`--port ${values.port}: 0–65535 expected`);
else if (mode !== 'counts' && mode !== 'duplicates') usage(`--mode ${mode}: counts or duplicates expected`);
else await run({ port, address: values.address, mode });

async function run(options: SinkOptions): Promise<void> {
  const expected = Number(values.expect ?? Number.NaN);
  let received = 0;
  const onMessage = (): void => {
    received += 1;
    if (received === expected) print({ reached: received });
  };
  const sink = await startSink({ ...options, onMessage });
  print({ port: sink.port });
  const signalled = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
    if (values['ignore-stdin']) return;
    process.stdin.once('end', resolve);
    process.stdin.resume();
  });
  await signalled;
  const { user, system } = process.cpuUsage();
  print({ ...sink.stats(), cpuSeconds: (user + system) / 1e6 });
  process.stdin.destroy();
  await sink.stop();
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function usage(line: string): void {
  process.stderr.write(`${line}\n`);
  process.exitCode = 2;
}
