import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSmtpDialog } from '../../test/support/smtp-dialog.ts';
import { systemClock } from '../../src/base/index.ts';
import { accept, startSmtpServer } from './index.ts';
import type { SmtpServer } from './index.ts';
import { MailData } from './mail-data.ts';

// Strangers' bytes: whatever comes, in whatever pieces, the server goes on serving, in bounded memory.

const limitOctets = 1_000_000;
let server: SmtpServer;

beforeAll(async () => {
  server = await startSmtpServer(
    { address: '127.0.0.1', port: 0 },
    {
      hostname: 'mx.test',
      hooks: { message: () => accept },
      keep: 'content',
      sizeLimitOctets: limitOctets,
      chunking: true,
      startTls: 'none',
      secureContext: null,
      clock: systemClock,
    },
  );
});
afterAll(() => server.close());

const words = [
  'EHLO x\r\n',
  'MAIL FROM:<a@b.example>\r\n',
  'MAIL FROM:<"',
  'RCPT TO:<c@d.example> X=1 =\r\n',
  'RCPT TO:<@,:>\r\n',
  'DATA\r\n',
  '\r\n.\r\n',
  '\r\n.\r',
  '\n.\n',
  'BDAT 5\r\n',
  'BDAT 99999999999\r\n',
  'BDAT 0 LAST\r\n',
  'STARTTLS\r\n',
  'RSET\r\n',
  '__proto__\r\n',
  '\u0000\r\n',
];
const piece = fc.oneof(
  fc.constantFrom(...words).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);

test('arbitrary pieces never stop the server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const dialog = await openSmtpDialog(server.port);
      for (const bytes of pieces) dialog.send(bytes);
      dialog.socket.end();
      await dialog.closed;
    }),
    { numRuns: 200 },
  );
  const dialog = await openSmtpDialog(server.port);
  expect(await dialog.reply()).toBe('220 mx.test ESMTP');
  expect(await dialog.ask('EHLO client.test')).toMatch(/^250-/);
});

test('a message of a hundred times the limit is refused, and its bytes are let go', async () => {
  const block = Buffer.alloc(limitOctets / 2, 'x');
  for (const keep of ['nothing', 'head', 'content'] as const) {
    const body = new MailData(keep, limitOctets);
    let most = 0;
    for (let taken = 0; taken < 200; taken += 1) {
      expect(body.takeDotted(block, 0)).toBe(-1);
      most = Math.max(most, body.keptOctets);
    }
    expect([keep, body.tooBig, body.keptOctets, most <= limitOctets]).toEqual([keep, true, 0, true]);
  }
  const dialog = await openSmtpDialog(server.port);
  for (const line of ['EHLO client.test', 'MAIL FROM:<>', 'RCPT TO:<u@example.com>', 'DATA']) {
    dialog.send(`${line}\r\n`);
  }
  for (let reply = ''; !reply.startsWith('354');) reply = await dialog.reply();
  for (let sent = 0; sent < 200; sent += 1) {
    if (!dialog.socket.write(block)) await once(dialog.socket, 'drain');
  }
  expect(await dialog.ask('\r\n.')).toBe('552 5.3.4 Message size exceeds fixed limit');
});

test('a client that never reads its replies stops being read', async () => {
  const dialog = await openSmtpDialog(server.port);
  await dialog.reply();
  dialog.socket.pause();
  const block = Buffer.from('NOOP\r\n'.repeat(10_000));
  let refused = 0;
  // 60 MB of commands ask for 140 MB of replies; the kernel's buffers hold a few megabytes of either.
  for (let sent = 0; sent < 1_000 && refused === 0; sent += 1) {
    if (dialog.socket.write(block)) continue;
    const drained = once(dialog.socket, 'drain').then(() => true);
    const turns = Array.from({ length: 50 }).reduce<Promise<boolean>>(
      (chain) => chain.then(() => new Promise((resolve) => setImmediate(() => resolve(false)))),
      Promise.resolve(false),
    );
    if (!(await Promise.race([drained, turns]))) refused = sent;
  }
  expect(refused).toBeGreaterThan(0);
  dialog.destroy();
});
