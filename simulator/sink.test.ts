import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { openSmtpDialog } from '../test/support/smtp-dialog.ts';
import { z } from 'zod';
import { startSink } from './sink.ts';
import type { Sink, SinkOptions } from './sink.ts';

let sink: Sink | null = null;
afterEach(async () => {
  await sink?.stop();
  sink = null;
});

async function deliver(port: number, envelopes: readonly (readonly [string, string])[]): Promise<void> {
  const dialog = await openSmtpDialog(port);
  await dialog.reply();
  await dialog.ask('EHLO client.test');
  for (const [recipient, messageId] of envelopes) {
    dialog.send(`MAIL FROM:<a@example.jp>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n`);
    for (let line = 0; line < 3; line += 1) await dialog.reply();
    expect(await dialog.ask(`Message-ID: ${messageId}\r\n\r\nx\r\n.`)).toMatch(/^250 /);
  }
  await dialog.ask('QUIT');
  await dialog.closed;
}

async function run(options: SinkOptions): Promise<Sink> {
  sink = await startSink(options);
  await deliver(sink.port, [
    ['one@example.com', '<1@example.jp>'],
    ['two@example.com', '<1@example.jp>'],
    ['one@example.com', '<1@example.jp>'],
    ['one@example.com', '<2@example.jp>'],
    ['one@example.com', 'none'],
  ]);
  return sink;
}

test('counts messages, bytes and duplicates by recipient and Message-ID', async () => {
  expect((await run({ mode: 'duplicates' })).stats()).toEqual({
    connections: 1,
    messages: 5,
    recipients: 5,
    bytes: 4 * 'Message-ID: <1@example.jp>\r\n\r\nx\r\n'.length + 'Message-ID: none\r\n\r\nx\r\n'.length,
    duplicates: 1,
    withoutMessageId: 1,
  });
});

test('mode counts does not look at messages; content is handed over on request', async () => {
  const contents: (string | undefined)[] = [];
  const onMessage: SinkOptions['onMessage'] = (message) => contents.push(message.content?.toString());
  expect((await run({ mode: 'counts', content: true, onMessage })).stats()).toMatchObject({
    messages: 5,
    duplicates: null,
  });
  expect(contents[0]).toBe('Message-ID: <1@example.jp>\r\n\r\nx\r\n');
});

test.each(['SIGTERM', 'stdin'])('as a process prints its port, and its statistics on %s', async (how) => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('sink-main.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse(String((await lines.next()).value));
  const started = z.strictObject({ port: z.number() }).parse(await next());
  await deliver(started.port, [['one@example.com', '<1@example.jp>']]);
  if (how === 'stdin') child.stdin.end();
  else child.kill('SIGTERM');
  expect(await next()).toMatchObject({ connections: 1, messages: 1, duplicates: null });
});
