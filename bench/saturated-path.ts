import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/base/index.ts';
import { routeTo, storeCampaign } from './campaign.ts';
import { startFarSink } from './far-sink.ts';
import { withKeyFile } from './key-file.ts';
import { startLiveEngine } from './live-engine.ts';
import type { LiveEngine } from './live-engine.ts';
import { loads } from './load.ts';
import { sectionText, tell } from './section.ts';
import type { Section } from './section.ts';

export type SaturatedPathOptions = {
  /** Recipients of the campaign that is under way. */
  readonly recipients: number;
  /** Password resets that are accepted meanwhile, one after the other at a steady rate. */
  readonly resets: number;
  readonly keyFile: string;
};

const threads = 2;
const everyMs = 100;
// Then the connections are open and the campaign is at its full speed.
const underWay = 2_000;

/** How long a password reset takes from being accepted to being delivered, while a campaign saturates its way out. */
export async function measureSaturatedPath(options: SaturatedPathOptions): Promise<Section> {
  const { recipients, resets } = options;
  const rows: string[][] = [];
  for (const [name, replyDelayMs] of [
    ['receiver at once, processors saturated', 0],
    ['every reply 100 ms late, connections saturated', 100],
  ] as const) {
    const measured = await measureOne(options, replyDelayMs);
    const waits = measured.waitsMs.toSorted((a, b) => a - b);
    const at = (share: number): string => (waits[Math.ceil(share * waits.length) - 1] ?? NaN).toFixed(0);
    tell(`overtaking: ${name}: p99 ${at(0.99)} ms`);
    rows.push([name, measured.perSecond.toFixed(0), String(waits.length), at(0.5), at(0.99), at(1)]);
  }
  return {
    title: `Overtaking: password resets beside a campaign of ${recipients}`,
    notes: [
      `${resets} resets to the site of the campaign, one every ${everyMs} ms, each a message of its own that is accepted on the disk; until its delivery is on the disk.`,
      `${threads} threads, 20 connections, DKIM RSA-2048; the ids of the campaign are still being read while the first resets come.`,
    ],
    head: ['', 'campaign messages/s', 'resets', 'median ms', 'p99 ms', 'longest ms'],
    rows,
  };
}

type Measured = { readonly waitsMs: readonly number[]; readonly perSecond: number };

async function measureOne(options: SaturatedPathOptions, replyDelayMs: number): Promise<Measured> {
  const [load] = loads;
  if (load === undefined) throw new Error('a load is needed');
  const folder = mkdtempSync(join(tmpdir(), 'todoku-bench-'));
  const sink = await startFarSink({ expected: options.recipients + options.resets, replyDelayMs });
  try {
    const delivery = routeTo(sink.port);
    await storeCampaign({ folder, load, count: options.recipients, keyFile: options.keyFile, delivery });
    const engine = await startLiveEngine(folder, threads);
    try {
      return await resetsBeside(engine, options.resets);
    } finally {
      await engine.stop();
    }
  } finally {
    sink.abandon();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function resetsBeside(engine: LiveEngine, resets: number): Promise<Measured> {
  const waits: Promise<number>[] = [];
  const pause = async (): Promise<void> =>
    await new Promise((resolve) => void systemClock.after(everyMs, resolve));
  while (engine.count < underWay) await pause();
  const [startedMs, before] = [performance.now(), engine.count];
  for (let index = 0; index < resets; index++) {
    await pause();
    const acceptedMs = performance.now();
    const delivered = engine.delivered(engine.accept(`reset${index}@example.jp`));
    waits.push(delivered.then(() => performance.now() - acceptedMs));
  }
  const waitsMs = await Promise.all(waits);
  const seconds = (performance.now() - startedMs) / 1000;
  return { waitsMs, perSecond: (engine.count - before) / seconds };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      recipients: { type: 'string', default: '1000000' },
      resets: { type: 'string', default: '300' },
    },
  });
  await withKeyFile(async (keyFile) => {
    const counts = { recipients: Number(values.recipients), resets: Number(values.resets) };
    process.stdout.write(`${sectionText(await measureSaturatedPath({ ...counts, keyFile }))}\n`);
  });
}
