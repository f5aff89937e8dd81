import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readAnswer } from '../answer.ts';
import { measure } from '../measure.ts';
import { limitMs } from './contender.ts';
import type { Contender } from './contender.ts';

const program = fileURLToPath(new URL('./sign-main.ts', import.meta.url));

const answer = z.object({ seconds: z.number(), cpuSeconds: z.number() });

function sign(name: string, threads: number): Contender {
  return {
    name,
    about: `${threads} thread(s) of nothing but RSA-2048 signatures with a kept key: the floor under every signed mail`,
    missing: () => null,
    delivers: false,
    async run(task) {
      const command = [process.execPath, program, task.keyFile, String(task.count), String(threads)];
      const measured = await measure(command, { cwd: task.folder, limitMs });
      const { seconds, cpuSeconds } = readAnswer(measured.stdout, answer);
      return { messages: task.count, seconds, cpuSeconds };
    },
  };
}

export const signOnly = sign('crypto.sign', 1);
export const signTwice = sign('crypto.sign × 2', 2);
