// Hands over mails of 2 KB over kept connections, at full speed or at a rate, and prints {"seconds","p50Ms","p99Ms"}. The
// client is as bare as it can be: it shares the machine with what it measures.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { readAnswer } from './answer.ts';

const shape = z.object({
  kind: z.enum(['http', 'smtp']),
  port: z.number(),
  token: z.string(),
  connections: z.number(),
  count: z.number(),
  /** Mails a second in all; 0: as fast as it goes. */
  perSecond: z.number(),
});
const task = readAnswer(process.argv[2] ?? '', shape);

const text = `${'x'.repeat(74)}\r\n`.repeat(22);
const envelope = 'MAIL FROM:<news@example.com>\r\nRCPT TO:<user@example.jp>\r\nDATA\r\n';
const mail = `From: news@example.com\r\nTo: user@example.jp\r\nSubject: receipt\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n${text}.\r\n`;

const sockets: Socket[] = [];

/** One submission over one connection; resolves with the answer to it. */
type Submit = () => Promise<void>;

/** Reads until what has come satisfies `isWhole`, and forgets it. */
function reader(socket: Socket): (isWhole: (text: string) => boolean) => Promise<string> {
  let received = '';
  let wake = (): void => undefined;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    wake();
  });
  return async (isWhole) => {
    while (!isWhole(received)) await new Promise<void>((resolve) => (wake = resolve));
    const whole = received;
    received = '';
    return whole;
  };
}

async function openHttp(): Promise<Submit> {
  const socket = connect({ port: task.port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  sockets.push(socket);
  const read = reader(socket);
  const body = JSON.stringify({ from: 'news@example.com', to: 'user@example.jp', subject: 'receipt', text });
  const head = [
    'POST /v1/messages HTTP/1.1',
    'Host: bench',
    `Authorization: Bearer ${task.token}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    '',
  ].join('\r\n');
  return async () => {
    socket.write(head + body);
    const answer = await read((received) => {
      const end = received.indexOf('\r\n\r\n');
      const length = /^content-length: (\d+)/im.exec(received)?.[1];
      if (end < 0) return false;
      return length === undefined
        ? received.endsWith('0\r\n\r\n')
        : received.length >= end + 4 + Number(length);
    });
    if (!answer.startsWith('HTTP/1.1 202')) throw new Error(answer);
  };
}

const replies = (count: number) => (received: string) =>
  (received.match(/^\d{3} [^\n]*\n/gm)?.length ?? 0) >= count;

async function openSmtp(): Promise<Submit> {
  const socket = connect({ port: task.port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  sockets.push(socket);
  const read = reader(socket);
  await read(replies(1));
  socket.write('EHLO bench\r\n');
  await read(replies(1));
  socket.write(`AUTH PLAIN ${Buffer.from(`\0bench\0${task.token}`).toString('base64')}\r\n`);
  const login = await read(replies(1));
  if (!login.startsWith('235')) throw new Error(login);
  return async () => {
    socket.write(envelope);
    const said = await read(replies(3));
    if (!/^354/m.test(said)) throw new Error(said);
    socket.write(mail);
    const answer = await read(replies(1));
    if (!answer.startsWith('250')) throw new Error(answer);
  };
}

const open = task.kind === 'http' ? openHttp : openSmtp;
const submits = await Promise.all(Array.from({ length: task.connections }, open));
const times: number[] = [];
const startedMs = performance.now();
let begun = 0;

async function work(submit: Submit): Promise<void> {
  while (begun < task.count) {
    const at = begun++;
    // Its turn by the clock, so that a slow answer does not slow the clients down and hide itself (coordinated omission).
    const dueMs = task.perSecond === 0 ? performance.now() : startedMs + (at * 1000) / task.perSecond;
    const delayMs = dueMs - performance.now();
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    await submit();
    times.push(performance.now() - dueMs);
  }
}

await Promise.all(submits.map(work));
const seconds = (performance.now() - startedMs) / 1000;
times.sort((a, b) => a - b);
const at = (share: number): number =>
  times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
process.stdout.write(`${JSON.stringify({ seconds, p50Ms: at(0.5), p99Ms: at(0.99) })}\n`);
for (const socket of sockets) socket.destroy();
