import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readAnswer } from '../answer.ts';
import { measure } from '../measure.ts';
import { limitMs } from './contender.ts';
import type { Contender } from './contender.ts';

const program = fileURLToPath(new URL('./sign-main.ts', import.meta.url));

const answer = z.object({ seconds: z.number(), cpuSeconds: z.number() });

export const signOnly: Contender = {
  name: 'crypto.sign',
  about: 'one thread of nothing but RSA-2048 signatures with a kept key: the floor under every signed mail',
  missing: () => null,
  delivers: false,
  async run(task) {
    const measured = await measure([process.execPath, program, task.keyFile, String(task.count)], {
      cwd: task.folder,
      limitMs,
    });
    const { seconds, cpuSeconds } = readAnswer(measured.stdout, answer);
    return { messages: task.count, seconds, cpuSeconds };
  },
};
