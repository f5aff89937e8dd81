import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResume, resumeCommand, routeTo, storeCampaign } from './campaign.ts';
import type { CampaignOptions } from './campaign.ts';
import { startFarSink } from './far-sink.ts';
import type { FarSinkOptions } from './far-sink.ts';
import { watch } from './watch.ts';
import type { Memory } from './watch.ts';

export type RunOptions = Omit<CampaignOptions, 'folder' | 'delivery'> &
  Omit<FarSinkOptions, 'expected'> & {
    readonly delivery?: Readonly<Record<string, unknown>>;
    /** Find the way by MX look-ups instead of one configured route. */
    readonly byDns?: boolean;
  };

/** One delivery of a stored campaign, seen from outside. */
export type DeliveryRun = {
  readonly memory: Memory;
  /** Of delivery, as the product says. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** From the command to the first message at the sink. */
  readonly firstSeconds: number;
  /** Messages a second between a tenth and nine tenths of the messages. */
  readonly middleRate: number;
  /** Most connections at a time. */
  readonly mostOpen: number;
};

// A million messages at 500/s.
const limitMs = 2_000_000;

/** Stores a campaign, delivers it to a sink of its own, and checks that each message came exactly once. */
export async function runDelivery(options: RunOptions): Promise<DeliveryRun> {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-bench-'));
  const sink = await startFarSink({ ...options, expected: options.count });
  try {
    const byDns = options.byDns === true;
    const way = byDns ? { port: sink.port } : routeTo(sink.port);
    const dns = byDns ? { dns: { servers: [`127.0.0.1:${sink.dnsPort}`] } } : {};
    await storeCampaign({ ...options, ...dns, folder, delivery: { ...way, ...options.delivery } });
    const watched = await watch(resumeCommand(), { cwd: folder, limitMs });
    const { seconds, cpuSeconds } = readResume(watched.stdout);
    const stats = await sink.stop();
    const firstSeconds = ((await sink.first) - watched.startedMs) / 1000;
    return { memory: watched.memory, seconds, cpuSeconds, firstSeconds, ...stats };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
