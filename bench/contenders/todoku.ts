import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readAnswer } from '../answer.ts';
import { writeRecipients } from '../load.ts';
import { measure } from '../measure.ts';
import { limitMs } from './contender.ts';
import type { Contender, Task } from './contender.ts';

const bin = fileURLToPath(new URL('../../bin/todoku.js', import.meta.url));

const answer = z.object({ delivered: z.number(), seconds: z.number() });

function configuration(task: Task): string {
  return [
    'delivery:',
    `  routes: [{ domain: "*", host: 127.0.0.1, port: ${task.port} }]`,
    '  hostname: bench.example',
    'domains:',
    '  - name: example.com',
    '    returnPath: bounce.example.com',
    `    dkim: [{ selector: s1, key: ${task.keyFile}, algorithm: rsa-sha256 }]`,
    '',
  ].join('\n');
}

export const todoku: Contender = {
  name: 'todoku',
  about:
    '`todoku send`: CSV → SQLite → render → DKIM RSA-2048 → SMTP → durable outcome; import included in CPU, not in the rate',
  missing: () => null,
  delivers: true,
  async run(task) {
    const file = (name: string): string => join(task.folder, name);
    writeRecipients(file('recipients.csv'), task.count, task.load.slots);
    writeFileSync(file('mail.html'), task.load.html);
    writeFileSync(file('mail.txt'), task.load.text);
    writeFileSync(file('todoku.yaml'), configuration(task));
    const send = [
      'send',
      '--from',
      'Bench <news@example.com>',
      '--subject',
      'News for {{ v0 }}',
      '--template',
      'mail.html',
    ];
    const command = [
      process.execPath,
      bin,
      ...send,
      '--text',
      'mail.txt',
      '--recipients',
      'recipients.csv',
      '--json',
    ];
    const measured = await measure(command, { cwd: task.folder, limitMs });
    const { delivered, seconds } = readAnswer(measured.stdout, answer);
    return { messages: delivered, seconds, cpuSeconds: measured.cpuSeconds };
  },
};
