import { join } from 'node:path';
import { readResume, resumeCommand, routeTo, storeCampaign } from '../campaign.ts';
import type { CampaignOptions } from '../campaign.ts';
import { measure } from '../measure.ts';
import { startSinkProcess } from '../sink-process.ts';
import { limitMs } from './contender.ts';
import type { Contender, Task } from './contender.ts';

// The engine's CPU is what a campaign three times as long costs more: what the two have in common is the start and the
// time until V8 has compiled the hot code (measured: 0.11 ms a message between 2,000 and 10,000, 0.07 beyond 20,000).
const longTimes = 3;

type Run = {
  readonly messages: number;
  readonly seconds: number;
  readonly engineCpuSeconds: number;
  /** The whole of both commands, storing included. */
  readonly cpuSeconds: number;
};

async function deliver(options: Omit<CampaignOptions, 'delivery'>, port: number): Promise<Run> {
  const stored = await storeCampaign({ ...options, delivery: routeTo(port) });
  const sent = await measure(resumeCommand(), { cwd: options.folder, limitMs });
  const { delivered, seconds, cpuSeconds } = readResume(sent.stdout);
  return {
    messages: delivered,
    seconds,
    engineCpuSeconds: cpuSeconds,
    cpuSeconds: stored.cpuSeconds + sent.cpuSeconds,
  };
}

/** The same campaign, but longer, against a sink of its own. */
async function deliverMore(task: Task, keyFile: string | null): Promise<Run> {
  const count = task.count * longTimes;
  const sink = await startSinkProcess(count);
  try {
    return await deliver({ folder: join(task.folder, 'more'), load: task.load, count, keyFile }, sink.port);
  } finally {
    await sink.stop();
  }
}

function engine(name: string, about: string, signed: boolean): Contender {
  return {
    name,
    about,
    missing: () => null,
    delivers: true,
    async run(task) {
      const keyFile = signed ? task.keyFile : null;
      const folder = join(task.folder, 'all');
      const all = await deliver({ folder, load: task.load, count: task.count, keyFile }, task.port);
      const more = await deliverMore(task, keyFile);
      const furtherCpuSeconds = more.engineCpuSeconds - all.engineCpuSeconds;
      const engineCpuMs = (furtherCpuSeconds * 1000) / (more.messages - all.messages);
      const { messages, seconds, cpuSeconds } = all;
      return { messages, seconds, cpuSeconds, engineCpuMs };
    },
  };
}

export const todoku = engine(
  'todoku',
  '`todoku send --no-wait`, then `todoku resume`: SQLite → render → DKIM RSA-2048 → SMTP → durable outcome; CPU with storing, rate without',
  true,
);
export const todokuUnsigned = engine('todoku unsigned', 'the same without a DKIM key', false);
