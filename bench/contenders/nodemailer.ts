import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readAnswer } from '../answer.ts';
import { measure } from '../measure.ts';
import { limitMs } from './contender.ts';
import type { Contender } from './contender.ts';

const program = fileURLToPath(new URL('./nodemailer-main.ts', import.meta.url));

const answer = z.object({ messages: z.number(), seconds: z.number() });

export const nodemailerPool: Contender = {
  name: 'nodemailer',
  about: 'nodemailer’s pool (20 connections) with liquidjs and its own DKIM, RSA-2048: nothing stored',
  missing: () => null,
  delivers: true,
  async run(task) {
    const file = join(task.folder, 'task.json');
    writeFileSync(file, JSON.stringify(task));
    const measured = await measure([process.execPath, program, file], { cwd: task.folder, limitMs });
    const { messages, seconds } = readAnswer(measured.stdout, answer);
    return { messages, seconds, cpuSeconds: measured.cpuSeconds };
  },
};
