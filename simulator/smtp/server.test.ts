import { afterEach, expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { openSmtpDialog } from '../../test/support/smtp-dialog.ts';
import type { SmtpDialog } from '../../test/support/smtp-dialog.ts';
import { accept, startSmtpServer } from './index.ts';
import type { ReceivedMessage, SmtpServer, SmtpServerOptions } from './index.ts';

const clock = new FakeClock();
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

async function start(options: Partial<SmtpServerOptions> = {}): Promise<SmtpServer> {
  const server = await startSmtpServer(
    { address: '127.0.0.1', port: 0 },
    {
      hostname: 'mx.test',
      hooks: {},
      keep: 'nothing',
      sizeLimitOctets: 10_000,
      chunking: true,
      startTls: 'none',
      secureContext: null,
      clock,
      ...options,
    },
  );
  opened.push(server);
  return server;
}

async function greeted(options: Partial<SmtpServerOptions> = {}): Promise<SmtpDialog> {
  const server = await start(options);
  const dialog = await openSmtpDialog(server.port);
  expect(await dialog.reply()).toBe('220 mx.test ESMTP');
  expect(await dialog.ask('EHLO client.test')).toContain('PIPELINING');
  return dialog;
}

function collect(): { messages: ReceivedMessage[]; options: Partial<SmtpServerOptions> } {
  const messages: ReceivedMessage[] = [];
  const message = (_session: unknown, received: ReceivedMessage): typeof accept => {
    messages.push(received);
    return accept;
  };
  return { messages, options: { keep: 'content', hooks: { message } } };
}

test('EHLO lists the extensions', async () => {
  const server = await start();
  const dialog = await openSmtpDialog(server.port);
  await dialog.reply();
  expect((await dialog.ask('EHLO client.test')).split('\n')).toEqual([
    '250-mx.test',
    '250-PIPELINING',
    '250-SIZE 10000',
    '250-ENHANCEDSTATUSCODES',
    '250-8BITMIME',
    '250-SMTPUTF8',
    '250 CHUNKING',
  ]);
  expect(await dialog.ask('HELO client.test')).toBe('250 mx.test');
});

test('takes a message, undoes dot-stuffing and reads the Message-ID', async () => {
  const { messages, options } = collect();
  const dialog = await greeted(options);
  await dialog.ask('MAIL FROM:<a@example.jp> SIZE=100');
  await dialog.ask('RCPT TO:<"a..b"@docomo.ne.jp>');
  expect(await dialog.ask('DATA')).toMatch(/^354 /);
  const content = 'Subject: x\r\nmessage-id: <1@example.jp>\r\n\r\n.dot\r\n..\r\n';
  expect(await dialog.ask(`${content.replaceAll('\r\n.', '\r\n..')}.`)).toBe('250 2.0.0 Ok: queued');
  expect(messages).toEqual([
    {
      from: 'a@example.jp',
      recipients: ['"a..b"@docomo.ne.jp'],
      sizeOctets: content.length + 2,
      messageId: '<1@example.jp>',
      content: Buffer.from(content),
    },
  ]);
  expect(await dialog.ask('QUIT')).toBe('221 2.0.0 Bye');
  expect(await dialog.closed).toBe('<closed>');
});

test('the end of a message is found wherever the chunks are cut, and only CRLF.CRLF ends it', async () => {
  const { messages, options } = collect();
  const dialog = await greeted(options);
  const body = '\r\n\n.\n\r\n.\n\n.\r\nx\r\n\r\r\n';
  for (let cut = 0; cut <= body.length; cut += 1) {
    await dialog.ask('MAIL FROM:<>');
    await dialog.ask('RCPT TO:<u@example.com>');
    await dialog.ask('DATA');
    dialog.send(body.slice(0, cut));
    // A turn of the event loop, so that the two halves arrive as two chunks.
    await new Promise((resolve) => setImmediate(resolve));
    dialog.send(`${body.slice(cut)}.\r`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await dialog.ask('\nNOOP')).toBe('250 2.0.0 Ok: queued');
    expect(await dialog.reply()).toBe('250 2.0.0 Ok');
  }
  for (const message of messages) expect(message.sizeOctets).toBe(body.length);
});

test('pipelined commands are answered in one write', async () => {
  const dialog = await greeted();
  const chunks: string[] = [];
  dialog.socket.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  const envelope = 'MAIL FROM:<a@example.jp>\r\nRCPT TO:<u@example.com>\r\nDATA\r\n';
  dialog.send(envelope);
  for (let line = 0; line < 3; line += 1) await dialog.reply();
  dialog.send(`x\r\n.\r\n${envelope}`);
  for (let line = 0; line < 4; line += 1) await dialog.reply();
  expect(chunks.map((chunk) => chunk.split('\r\n').map((line) => line.slice(0, 3)))).toEqual([
    ['250', '250', '354', ''],
    ['250', '250', '250', '354', ''],
  ]);
});

test('DATA behind refused recipients, and commands out of order', async () => {
  const dialog = await greeted({ hooks: { rcpt: () => ({ kind: 'reply', text: '550 5.1.1 no' }) } });
  expect(await dialog.ask('RCPT TO:<u@example.com>')).toMatch(/^503 /);
  expect(await dialog.ask('MAIL FROM:<a@example.jp>')).toMatch(/^250 /);
  expect(await dialog.ask('MAIL FROM:<a@example.jp>')).toMatch(/^503 /);
  expect(await dialog.ask('RCPT TO:<u@example.com>')).toBe('550 5.1.1 no');
  expect(await dialog.ask('DATA')).toBe('554 5.5.1 Error: no valid recipients');
  expect(await dialog.ask('RSET')).toMatch(/^250 /);
  expect(await dialog.ask('DATA')).toMatch(/^503 /);
  expect(await dialog.ask('constructor')).toMatch(/^500 /);
});

test('bad paths: syntax, unquoted double dots, bytes outside ASCII without SMTPUTF8', async () => {
  const dialog = await greeted();
  expect(await dialog.ask('MAIL FROM:a@example.jp')).toMatch(/^501 /);
  expect(await dialog.ask('MAIL FROM:<佐藤@example.jp>')).toMatch(/^553 5\.6\.7/);
  expect(await dialog.ask('MAIL FROM:<a@example.jp> SMTPUTF8')).toMatch(/^250 /);
  expect(await dialog.ask('RCPT TO:<佐藤@example.jp>')).toMatch(/^250 /);
  expect(await dialog.ask('RCPT TO:<a..b@docomo.ne.jp>')).toBe('501 5.1.3 Bad recipient address syntax');
  expect(await dialog.ask('RCPT TO:<"a>b"@example.jp>')).toMatch(/^250 /);
});

test('SIZE is enforced when declared and when not', async () => {
  const dialog = await greeted({ keep: 'content', hooks: { message: () => accept } });
  expect(await dialog.ask('MAIL FROM:<a@example.jp> SIZE=10001')).toMatch(/^552 5\.3\.4/);
  await dialog.ask('MAIL FROM:<a@example.jp>');
  await dialog.ask('RCPT TO:<u@example.com>');
  await dialog.ask('DATA');
  expect(await dialog.ask(`${'x'.repeat(10_001)}\r\n.`)).toMatch(/^552 5\.3\.4/);
  expect(await dialog.ask('NOOP')).toMatch(/^250 /);
});

test('BDAT (RFC 3030): chunks of raw bytes, then LAST; refused envelope still eats the bytes', async () => {
  const { messages, options } = collect();
  const dialog = await greeted(options);
  dialog.send('BDAT 6 LAST\r\nRSET\r\n');
  expect(await dialog.reply()).toMatch(/^503 /);
  await dialog.ask('MAIL FROM:<a@example.jp>');
  await dialog.ask('RCPT TO:<u@example.com>');
  dialog.send('BDAT 5\r\n.\r\nab');
  expect(await dialog.reply()).toBe('250 2.0.0 Ok');
  expect(await dialog.ask('DATA')).toMatch(/^503 /);
  dialog.send('BDAT 3\r\ncd\r');
  expect(await dialog.reply()).toBe('250 2.0.0 Ok');
  expect(await dialog.ask('BDAT 0 LAST')).toBe('250 2.0.0 Ok: queued');
  expect(messages.map((message) => String(message.content))).toEqual(['.\r\nabcd\r']);
});

test('replies can be malformed, slow, or missing; connections can be dropped after the dot', async () => {
  const held = Promise.withResolvers<void>();
  const dialog = await greeted({
    hooks: {
      mail: () => ({ kind: 'reply', text: 'what?' }),
      greeted: (_session, name) => (name === 'silence' ? { kind: 'silence' } : accept),
      rcpt: () => accept,
    },
  });
  expect(await dialog.ask('MAIL FROM:<a@example.jp>')).toBe('what?');
  dialog.send('EHLO silence\r\nNOOP\r\n');

  const slow = await greeted({
    hooks: {
      rcpt() {
        held.resolve();
        return { kind: 'delay', delayMs: 60_000, next: { kind: 'accept', text: '250 late' } };
      },
      message: () => ({ kind: 'drop', how: 'close' }),
    },
  });
  slow.send('MAIL FROM:<>\r\nRCPT TO:<u@example.com>\r\nDATA\r\nx\r\n.\r\n');
  expect(await slow.reply()).toBe('250 2.1.0 Ok');
  await held.promise;
  await clock.advance(59_999);
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(1);
  expect(await slow.reply()).toBe('250 late');
  expect(await slow.reply()).toMatch(/^354 /);
  expect(await slow.reply()).toBe('<closed>');

  const reset = await greeted({ hooks: { mail: () => ({ kind: 'drop', how: 'reset' }) } });
  expect(await reset.ask('MAIL FROM:<>')).toBe('<reset>');
});

test('a line without end and endless mistakes end the session instead of filling memory', async () => {
  const dialog = await greeted();
  dialog.send('x'.repeat(5_000_000));
  expect(await dialog.reply()).toBe('500 5.5.2 Error: line too long');
  dialog.send('\r\n');
  for (let mistakes = 1; mistakes < 19; mistakes += 1) expect(await dialog.ask('?')).toMatch(/^500 /);
  expect(await dialog.ask('?')).toMatch(/^421 4\.7\.0 .*too many errors/);
  expect(await dialog.closed).toMatch(/closed|reset/);
});

test('closing the server refuses and cuts', async () => {
  const server = await start();
  const dialog = await openSmtpDialog(server.port);
  await dialog.reply();
  expect(server.open).toBe(1);
  await server.close();
  expect(await dialog.closed).toBeDefined();
  await expect(openSmtpDialog(server.port)).rejects.toThrow('ECONNREFUSED');
});
