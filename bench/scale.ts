import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runDelivery } from './delivery-run.ts';
import type { DeliveryRun } from './delivery-run.ts';
import { withKeyFile } from './key-file.ts';
import { loads } from './load.ts';
import type { Load } from './load.ts';
import { median } from './median.ts';
import { sectionText, tell } from './section.ts';
import type { Section } from './section.ts';

export type ScaleOptions = {
  /** Recipients of the large campaign; 1,000,000 in a full run. */
  readonly large: number;
  /** Recipients of the small one; 10,000. */
  readonly small: number;
  readonly keyFile: string;
};

/** What the target table takes from here. */
export type ScaleFigures = {
  /** Highest resident memory above that of the same threads with little to do. */
  readonly aboveIdleMb: number;
  /** The same above a process with 10 recipients, which starts no threads. */
  readonly aboveThreadlessMb: number;
  readonly cpuRatio: number;
  readonly wallRatio: number;
  readonly signedCpuRatio: number;
  readonly firstSeconds: number;
};

// As many small runs as fit: one of them is short and repeats poorly.
const smallRuns = 3;
const signedLarge = 100_000;
// Their thread start is the same as that of the larger runs, and is taken off both.
const tiny = 1_100;

type Series = { readonly name: string; readonly count: number; readonly runs: readonly DeliveryRun[] };

/** 1,000,000 recipients: memory above idle, cost per message beside that at 10,000, time to the first message. */
export async function measureScale(
  options: ScaleOptions,
): Promise<{ section: Section; figures: ScaleFigures }> {
  const [light, heavy] = loads;
  if (light === undefined || heavy === undefined) throw new Error('two loads are needed');
  const { small, large, keyFile } = options;
  const run = seriesOf(light);
  const idle = await run('idle: 10 recipients', { count: 10, keyFile: null, times: 1 });
  const start = await run('unsigned', { count: tiny, keyFile: null, times: smallRuns });
  const few = await run('unsigned', { count: small, keyFile: null, times: smallRuns });
  const many = await run('unsigned', { count: large, keyFile: null, times: 1 });
  const signedStart = await run('signed', { count: tiny, keyFile, times: smallRuns });
  const signedFew = await run('signed', { count: small, keyFile, times: smallRuns });
  const signedMany = await run('signed', { count: Math.min(large, signedLarge), keyFile, times: 1 });
  const wide = await seriesOf(heavy)('40 KB, signed, 400 connections', {
    count: Math.min(large, 20_000),
    keyFile,
    times: 1,
    connections: 400,
  });
  const all = [idle, start, few, many, signedStart, signedFew, signedMany, wide];
  const peak = (series: Series): number => at(series, (each) => each.memory.peakMb);
  const figures: ScaleFigures = {
    aboveIdleMb: peak(many) - peak(start),
    aboveThreadlessMb: peak(many) - peak(idle),
    cpuRatio: cpuMs(many, start) / cpuMs(few, start),
    wallRatio: wallMs(many, start) / wallMs(few, start),
    signedCpuRatio: cpuMs(signedMany, signedStart) / cpuMs(signedFew, signedStart),
    firstSeconds: at(many, (each) => each.firstSeconds),
  };
  return { section: sectionOf(all, figures), figures };
}

type Times = {
  readonly count: number;
  readonly keyFile: string | null;
  readonly times: number;
  readonly connections?: number;
};

function seriesOf(load: Load): (name: string, what: Times) => Promise<Series> {
  return async (name, what) => {
    const { count, keyFile, times, connections } = what;
    const runs: DeliveryRun[] = [];
    // Replies 100 ms late keep many connections busy at once.
    const wide =
      connections === undefined ? {} : { delivery: { connectionsPerPath: connections }, replyDelayMs: 100 };
    for (let time = 0; time < times; time++) {
      runs.push(await runDelivery({ load, count, keyFile, ...wide }));
      tell(`scale: ${name}, ${count}: ${(count / (runs.at(-1)?.seconds ?? Number.NaN)).toFixed(0)}/s`);
    }
    return { name, count, runs };
  };
}

function at(series: Series, pick: (run: DeliveryRun) => number): number {
  return median(series.runs.map(pick));
}

/** Per message, without what starting the threads takes. */
function cpuMs(series: Series, start: Series): number {
  const spent = at(series, (run) => run.cpuSeconds) - at(start, (run) => run.cpuSeconds);
  return (spent * 1000) / (series.count - start.count);
}

function wallMs(series: Series, start: Series): number {
  const spent = at(series, (run) => run.seconds) - at(start, (run) => run.seconds);
  return (spent * 1000) / (series.count - start.count);
}

function sectionOf(all: readonly Series[], figures: ScaleFigures): Section {
  return {
    title: 'Scale: one campaign, one site',
    notes: [
      'Memory is the resident set of the whole process, in MB of 2^20 octets: its highest mark, and the median of looks every 100 ms.',
      `Cost per message of the large campaign ÷ that of the small one, start of the threads taken off both: CPU ${figures.cpuRatio.toFixed(2)}, wall ${figures.wallRatio.toFixed(2)} unsigned; CPU ${figures.signedCpuRatio.toFixed(2)} signed.`,
      `The large campaign needs ${figures.aboveIdleMb.toFixed(0)} MB above the same threads with ${tiny} recipients, and ${figures.aboveThreadlessMb.toFixed(0)} MB above a process that has 10 and starts no threads.`,
    ],
    head: [
      'campaign',
      'recipients',
      'peak MB',
      'steady MB',
      'CPU s',
      'wall s',
      'messages/s',
      'first message after s',
      'connections',
    ],
    rows: all.map((series) => [
      series.name,
      String(series.count),
      at(series, (run) => run.memory.peakMb).toFixed(0),
      at(series, (run) => run.memory.steadyMb).toFixed(0),
      at(series, (run) => run.cpuSeconds).toFixed(1),
      at(series, (run) => run.seconds).toFixed(1),
      (series.count / at(series, (run) => run.seconds)).toFixed(0),
      at(series, (run) => run.firstSeconds).toFixed(2),
      String(at(series, (run) => run.mostOpen)),
    ]),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      large: { type: 'string', default: '1000000' },
      small: { type: 'string', default: '10000' },
    },
  });
  await withKeyFile(async (keyFile) => {
    const counts = { large: Number(values.large), small: Number(values.small) };
    const { section } = await measureScale({ ...counts, keyFile });
    process.stdout.write(`${sectionText(section)}\n`);
  });
}
