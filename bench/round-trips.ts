import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runDelivery } from './delivery-run.ts';
import { withKeyFile } from './key-file.ts';
import { loads } from './load.ts';
import { sectionText, tell } from './section.ts';
import type { Section } from './section.ts';

export type RoundTripsOptions = {
  /** How long each run lasts when a connection moves one message per round trip. */
  readonly seconds: number;
  readonly keyFile: string;
};

const roundTripMs = 100;
const limits = [20, 100, 400];

/** One site far away: with whole-transaction pipelining a connection moves one message per round trip. */
export async function measureRoundTrips(options: RoundTripsOptions): Promise<Section> {
  const { seconds, keyFile } = options;
  const [load] = loads;
  if (load === undefined) throw new Error('a load is needed');
  const rows: string[][] = [];
  for (const connections of limits) {
    const bound = connections / (roundTripMs / 1000);
    const delivery = { connectionsPerPath: connections };
    const count = Math.max(1_100, Math.round(bound * seconds));
    const run = await runDelivery({ load, count, keyFile, delivery, replyDelayMs: roundTripMs });
    tell(`round trips: ${connections} connections: ${run.middleRate.toFixed(0)}/s`);
    rows.push([
      String(connections),
      String(run.mostOpen),
      String(count),
      run.middleRate.toFixed(0),
      bound.toFixed(0),
      (run.middleRate / bound).toFixed(2),
      run.memory.peakMb.toFixed(0),
    ]);
  }
  return {
    title: `Round trips: every reply ${roundTripMs} ms late, 2 KB, signed`,
    notes: [
      'The rate is that between a tenth and nine tenths of the messages; the bound is one message per connection and round trip.',
    ],
    head: [
      'connectionsPerPath',
      'connections used',
      'messages',
      'messages/s',
      'bound/s',
      'rate ÷ bound',
      'peak MB',
    ],
    rows,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '8' } } });
  await withKeyFile(async (keyFile) => {
    const section = await measureRoundTrips({ seconds: Number(values.seconds), keyFile });
    process.stdout.write(`${sectionText(section)}\n`);
  });
}
