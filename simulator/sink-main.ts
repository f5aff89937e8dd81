// A sink as its own process: `node simulator/sink-main.ts [--port N] [--address A] [--mode counts|duplicates]`.
// Prints {"port"} when it listens, and its statistics as one JSON line on SIGTERM, SIGINT or the end of stdin.
// stdin is what makes it end together with the program that started it, also when that one is killed.
import { parseArgs } from 'node:util';
import { startSink } from './sink.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    address: { type: 'string', default: '127.0.0.1' },
    mode: { type: 'string', default: 'counts' },
    // For use from a terminal or under a supervisor whose stdin is /dev/null.
    'ignore-stdin': { type: 'boolean', default: false },
  },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) usage(`--port ${values.port}: 0–65535 expected`);
if (values.mode !== 'counts' && values.mode !== 'duplicates')
  usage(`--mode ${values.mode}: counts or duplicates`);

const sink = await startSink({
  port,
  address: values.address,
  mode: values.mode === 'duplicates' ? 'duplicates' : 'counts',
});
print({ port: sink.port });

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  print({ ...sink.stats(), cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6 });
  void sink.stop().then(() => process.exit(0));
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
if (!values['ignore-stdin']) {
  process.stdin.once('end', stop);
  process.stdin.resume();
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function usage(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(2);
}
