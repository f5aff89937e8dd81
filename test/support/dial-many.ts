// Dials PORT as often as told, all at once, and says as one JSON line what came of it and how many descriptors were open
// afterwards. For a process with a small `ulimit -n`:
// `node dial-many.ts PORT COUNT`.
import { readdirSync } from 'node:fs';
import { defaultTimeouts, dial } from '../../src/net/smtp-client/index.ts';
import { systemClock } from '../../src/base/index.ts';
import type { DialOptions, DialResult } from '../../src/net/smtp-client/index.ts';

export type DialCounts = {
  readonly opened: number;
  readonly causes: Readonly<Record<string, number>>;
  readonly texts: readonly string[];
  /** Open after all sessions were closed again. */
  readonly descriptors: number;
};

const options: DialOptions = {
  host: 'mx.example',
  address: '127.0.0.1',
  port: Number(process.argv[2]),
  localAddress: null,
  hostname: 'client.example',
  tls: { mode: 'none', context: null },
  timeouts: defaultTimeouts,
  clock: systemClock,
};

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

async function round(count: number): Promise<DialCounts> {
  const results: readonly DialResult[] = await Promise.all(
    Array.from({ length: count }, () => dial(options)),
  );
  const causes: Record<string, number> = {};
  const texts = new Set<string>();
  let opened = 0;
  for (const result of results) {
    if (result.ok) {
      opened++;
      result.session.destroy();
      continue;
    }
    const { failure } = result;
    const cause = failure.origin === 'local' ? failure.cause : 'remote';
    causes[cause] = (causes[cause] ?? 0) + 1;
    if (failure.origin === 'local') texts.add(failure.text);
  }
  // A destroyed socket gives its descriptor back at the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  return { opened, causes, texts: [...texts], descriptors: openDescriptors() };
}

// Twice: what leaked in the first round would be missing in the second. (The first leaves Node's own /dev/null open.)
const count = Number(process.argv[3]);
const first = await round(count);
const second = await round(count);
process.stdout.write(`${JSON.stringify([first, second])}\n`);
