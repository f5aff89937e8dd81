import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTodoku, startTodoku } from '../support/todoku-run.ts';

const bin = fileURLToPath(new URL('../../bin/todoku.js', import.meta.url));

function sendmail(
  folder: string,
  words: readonly string[],
  input: string,
): { code: number | null; said: string } {
  const { status, stderr } = spawnSync(process.execPath, [bin, '--lang', 'en', 'sendmail', ...words], {
    cwd: folder,
    input,
    encoding: 'utf8',
  });
  return { code: status, said: stderr };
}

/** A receiver that knows nobody called nobody@, and keeps what the others get. */
async function startReceiver(
  mails: { from: string; to: string; text: string }[],
  news: () => void,
): Promise<Server> {
  const server = createServer((socket) => {
    let [from, to, text, inData] = ['', '', '', false];
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    socket.on('error', () => socket.destroy());
    say('220 mx.test');
    createInterface({ input: socket, crlfDelay: Infinity }).on('line', (line) => {
      if (inData && line !== '.') {
        text += `${line}\n`;
        return;
      }
      if (inData) {
        inData = false;
        mails.push({ from, to, text });
        say('250 ok');
        news();
      } else if (line.startsWith('MAIL')) {
        [from, text] = [line, ''];
        say('250 ok');
      } else if (line.startsWith('RCPT')) {
        to = line;
        say(line.includes('nobody@') ? '550 5.1.1 User unknown' : '250 ok');
      } else if (line.startsWith('DATA')) {
        inData = !to.includes('nobody@');
        say(inData ? '354 go' : '554 no valid recipients');
      } else say('250 ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

let receiver: Server | null = null;
afterEach(() => void receiver?.close());

function configure(folder: string, port: number): void {
  writeFileSync(
    join(folder, 'todoku.yaml'),
    JSON.stringify({
      delivery: { hostname: 'mail.test', routes: [{ domain: '*', host: '127.0.0.1', port }] },
      domains: [{ name: 'shop.example', returnPath: 'bounce.shop.example', dkim: [] }],
    }),
  );
}

it('stores what programs send while nothing runs, and says in sysexits why not', async () => {
  const folder = temporaryFolder();
  configure(folder, 9);
  const good = 'To: a@example.org\nCc: B <b@example.org>\nBcc: c@example.org\nSubject: x\n\nHello\n.\nmore\n';
  // What PHP and cron add by habit.
  expect(sendmail(folder, ['-t', '-i', '-fwww-data@localhost'], good)).toEqual({ code: 0, said: '' });
  expect(sendmail(folder, ['-t'], 'Subject: x\n\n').code).toBe(64);
  expect(sendmail(folder, ['-z'], '').code).toBe(64);
  expect(sendmail(folder, ['a@example.org'], 'From: x@bank.example\n\nx\n').code).toBe(77);
  expect(sendmail(folder, ['a@example.org'], `From: x@shop.example\n\n${'x'.repeat(1_000)}\n`).code).toBe(65);
  expect(sendmail(folder, ['-bs'], 'QUIT\r\n').code).toBe(75);
  writeFileSync(join(folder, 'todoku.yaml'), 'nonsense: 1\n');
  expect(sendmail(folder, ['a@example.org'], 'Subject: x\n\nx\n').code).toBe(78);
  configure(folder, 9);
  const ledger = await runTodoku(folder, ['ledger', '--json']);
  expect(JSON.parse(ledger.stdout)).toMatchObject({ ok: true, total: { accepted: 3, waiting: 3 } });
});

it('hands over to the Todoku that runs, which delivers and tells the submitter of failures', async () => {
  const folder = temporaryFolder();
  const mails: { from: string; to: string; text: string }[] = [];
  const both = Promise.withResolvers<void>();
  receiver = await startReceiver(mails, () => {
    if (mails.length >= 2) both.resolve();
  });
  configure(folder, (receiver.address() as AddressInfo).port); // a TCP server has a port
  const served = startTodoku(folder, ['serve', '--json']);
  await served.printed(/"started"/);
  const input = 'From: app@shop.example\nTo: taro@example.org, nobody@example.org\nSubject: 件名\n\nHello\n';
  expect(sendmail(folder, ['-t', '-i'], input)).toEqual({ code: 0, said: '' });
  await both.promise;
  served.kill('SIGTERM');
  expect((await served.end).code).toBe(0);
  const first = mails.find(({ to }) => to.includes('taro@example.org'));
  expect(first?.from).toMatch(/^MAIL FROM:<[^>]+@bounce\.shop\.example>/);
  expect(first?.text).toContain('Subject: =?utf-8?');
  const notice = mails.find(({ to }) => to.includes('app@shop.example'));
  expect(notice?.from).toMatch(/^MAIL FROM:<>/);
  expect(notice?.text).toContain(
    'Final-Recipient: rfc822;nobody@example.org\nAction: failed\nStatus: 5.1.1\n',
  );
  const ledger = await runTodoku(folder, ['ledger', '--json']);
  expect(JSON.parse(ledger.stdout)).toMatchObject({
    ok: true,
    total: { accepted: 3, delivered: 2, bounced: 1 },
  });
});
