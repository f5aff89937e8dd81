// Sends the task of a JSON file through a nodemailer pool and prints {"messages","seconds"}.
import { readFileSync } from 'node:fs';
import { Liquid } from 'liquidjs';
import nodemailer from 'nodemailer';
import { z } from 'zod';
import { readAnswer } from '../answer.ts';

const shape = z.object({
  load: z.object({ slots: z.number(), html: z.string(), text: z.string() }),
  count: z.number(),
  port: z.number(),
  keyFile: z.string(),
});
const task = readAnswer(readFileSync(process.argv[2] ?? '', 'utf8'), shape);
const engine = new Liquid();
const html = engine.parse(task.load.html);
const text = engine.parse(task.load.text);
const transport = nodemailer.createTransport({
  pool: true,
  maxConnections: 20,
  maxMessages: Number.POSITIVE_INFINITY,
  host: '127.0.0.1',
  port: task.port,
  ignoreTLS: true,
  dkim: { domainName: 'example.com', keySelector: 's1', privateKey: readFileSync(task.keyFile, 'utf8') },
});

async function send(row: number): Promise<void> {
  const values = Object.fromEntries(
    Array.from({ length: task.load.slots }, (_, index) => [`v${index}`, `value${row}x${index}`]),
  );
  await transport.sendMail({
    from: 'Bench <news@example.com>',
    to: `user${row}@example.jp`,
    subject: `News for value${row}x0`,
    html: String(engine.renderSync(html, values)),
    text: String(engine.renderSync(text, values)),
  });
}

const startedMs = performance.now();
let next = 0;
// Twice the connections, so that the pool always has the next message at hand.
await Promise.all(
  Array.from({ length: 40 }, async () => {
    while (next < task.count) await send(next++);
  }),
);
const seconds = (performance.now() - startedMs) / 1000;
transport.close();
process.stdout.write(`${JSON.stringify({ messages: task.count, seconds })}\n`);
