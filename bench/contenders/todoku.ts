import { join } from 'node:path';
import { readResume, resumeCommand, routeTo, storeCampaign } from '../campaign.ts';
import type { CampaignOptions } from '../campaign.ts';
import { measure } from '../measure.ts';
import { startSinkProcess } from '../sink-process.ts';
import { limitMs } from './contender.ts';
import type { Contender, Task } from './contender.ts';

// A run with a fifth of the messages, at least as many as make the engine start its threads: what the two have in
// common is the start, what they differ in is messages.
const shortestRun = 1_100;
const shortPart = 5;

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

/** The same campaign, but shorter, against a sink of its own. */
async function deliverFew(task: Task, keyFile: string | null): Promise<Run> {
  const count = Math.max(shortestRun, Math.round(task.count / shortPart));
  const sink = await startSinkProcess(count);
  try {
    return await deliver({ folder: join(task.folder, 'few'), load: task.load, count, keyFile }, sink.port);
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
      const few = await deliverFew(task, keyFile);
      const folder = join(task.folder, 'all');
      const all = await deliver({ folder, load: task.load, count: task.count, keyFile }, task.port);
      const engineCpuMs =
        ((all.engineCpuSeconds - few.engineCpuSeconds) * 1000) / (all.messages - few.messages);
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
