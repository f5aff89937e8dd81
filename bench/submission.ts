import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { z } from 'zod';
import { makeCertificate } from '../test/support/certificate.ts';

// How fast the listener of submission takes mail when the outbox costs nothing: `node bench/submission.ts [octets] [mails]`.
const octets = Number(process.argv[2] ?? 2_048);
const mailsOfRun = Number(process.argv[3] ?? 20_000);

const line = `${'x'.repeat(70)}\r\n`;
const header =
  'From: Shop <app@shop.example>\r\nTo: somebody@example.org\r\nSubject: receipt 12345\r\nMIME-Version: 1.0\r\n' +
  'Content-Type: text/plain; charset=utf-8\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\n\r\n';
const mail = Buffer.from(
  `${header}${line.repeat(Math.max(1, Math.round((octets - header.length) / line.length)))}.\r\n`,
);
const envelope = 'MAIL FROM:<app@shop.example>\r\nRCPT TO:<somebody@example.org>\r\nDATA\r\n';

/** A client that asks for a reply as often as it is told. */
function replies(socket: Socket): (count: number) => Promise<void> {
  let text = '';
  let wake = (): void => {};
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    wake();
  });
  return async (count) => {
    for (let left = count; left > 0;) {
      const found = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/.exec(text);
      if (found === null) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      if (!/^[23]/.test(found[0])) throw new Error(found[0]);
      text = text.slice(found[0].length);
      left -= 1;
    }
  };
}

async function client(port: number, tls: boolean, take: () => boolean): Promise<void> {
  const socket = tls
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, tls ? 'secureConnect' : 'connect');
  const wait = replies(socket);
  await wait(1);
  socket.write(`EHLO bench\r\nAUTH PLAIN ${Buffer.from('\0a\0b').toString('base64')}\r\n`);
  await wait(2);
  while (take()) {
    socket.write(envelope);
    await wait(3);
    socket.write(mail);
    await wait(1);
  }
  socket.destroy();
}

const usageForm = z.object({ cpuMs: z.number(), rssBytes: z.number() });

async function usage(server: ChildProcess): Promise<z.infer<typeof usageForm>> {
  server.send('cpu');
  return z
    .tuple([usageForm])
    .rest(z.unknown())
    .parse(await once(server, 'message'))[0];
}

const folder = mkdtempSync(join(tmpdir(), 'todoku-bench-'));
const { key, cert } = await makeCertificate('localhost');
const files = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
writeFileSync(files[0] ?? '', key);
writeFileSync(files[1] ?? '', cert);
const server = fork(new URL('submission-main.ts', import.meta.url), files);
const started = z.tuple([z.object({ ports: z.array(z.number()) })]).rest(z.unknown());
const [{ ports }] = started.parse(await once(server, 'message'));

/** What one round says; the first of each kind warms up. */
async function round(tls: boolean, connections: number): Promise<string> {
  const mails = connections === 1 ? mailsOfRun / 4 : mailsOfRun;
  let left = mails;
  const before = await usage(server);
  const startMs = performance.now();
  const port = ports[tls ? 1 : 0] ?? 0;
  await Promise.all(Array.from({ length: connections }, () => client(port, tls, () => (left -= 1) >= 0)));
  const seconds = (performance.now() - startMs) / 1_000;
  const after = await usage(server);
  return [
    tls ? 'TLS' : 'clear',
    `${connections} connections`,
    `${Math.round(mails / seconds)} mails/s`,
    `${((after.cpuMs - before.cpuMs) / mails).toFixed(3)} ms CPU a mail`,
    `${Math.round(after.rssBytes / 1e6)} MB`,
  ].join('  ');
}

for (const tls of [false, true]) {
  for (const connections of [1, 20, 100]) {
    await round(tls, connections);
    console.log(await round(tls, connections));
  }
}
server.disconnect();
rmSync(folder, { recursive: true });
