import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startArrivalSink } from '../support/arrivals.ts';
import { campaignFolder, senderDomain } from '../support/campaign-folder.ts';
import { askLedger, runTodoku } from '../support/todoku-run.ts';

/** A bounce as a mail server puts it into a mailbox: the return path in Delivered-To, the reason in RFC 3464 form. */
function bounceOf(returnPath: string, recipient: string): string {
  return [
    `Delivered-To: ${returnPath}`,
    'From: MAILER-DAEMON@mx.example',
    `To: ${returnPath}`,
    'Subject: Undelivered Mail Returned to Sender',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
    '',
    '--b--',
    '',
  ].join('\r\n');
}

const letter = 'From: taro@example.jp\r\nTo: someone@example.jp\r\nSubject: hello\r\n\r\nhello\r\n';

test('files, an mbox and a Maildir are taken once, however often they are read', async () => {
  const paths = new Map<string, string>();
  const { sink } = await startArrivalSink(({ from, recipients }) => {
    paths.set(recipients[0] ?? '', from);
  });
  const addresses = Array.from({ length: 6 }, (_, row) => `user${row}@d.example`);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  expect(await runTodoku(folder, send)).toMatchObject({ code: 0 });
  const bounces = addresses.map((address) => bounceOf(paths.get(address) ?? '', address));

  writeFileSync(join(folder, 'one.eml'), bounces[0] ?? '');
  const separator = 'From MAILER-DAEMON Thu Jan  1 00:00:00 2026\n';
  writeFileSync(
    join(folder, 'box'),
    bounces
      .slice(1, 3)
      .map((each) => `${separator}${each.replaceAll('\r', '')}\n`)
      .join(''),
  );
  for (const part of ['new', 'cur', 'tmp']) mkdirSync(join(folder, 'Maildir', part), { recursive: true });
  writeFileSync(join(folder, 'Maildir/new/1.a'), bounces[3] ?? '');
  writeFileSync(join(folder, 'Maildir/new/2.b'), letter);
  writeFileSync(join(folder, 'Maildir/cur/3.c:2,S'), bounces[4] ?? '');
  // A seal of another message's: proves nothing.
  writeFileSync(
    join(folder, 'forged.eml'),
    bounceOf('b-n1-aaaaaaaaaaaaaaaa@news.example', addresses[5] ?? ''),
  );

  const argv = ['intake', 'one.eml', 'box', 'Maildir', 'forged.eml', '--json'];
  const first = await runTodoku(folder, argv);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(first.stdout)).toEqual({
    news: 6,
    unsubscribe: 0,
    report: 0,
    kept: 0,
    ignored: 1,
    skipped: 0,
    interrupted: false,
  });
  expect((await askLedger(folder)).total).toMatchObject({ accepted: 6, delivered: 1, bounced: 5 });
  expect(readdirSync(join(folder, 'Maildir/new'))).toEqual([]);
  expect(readdirSync(join(folder, 'Maildir/cur')).toSorted()).toEqual(['1.a:2,S', '2.b:2,', '3.c:2,S']);

  expect(await runTodoku(folder, argv)).toMatchObject({ code: 0, stderr: '' });
  expect((await askLedger(folder)).total).toMatchObject({ accepted: 6, delivered: 1, bounced: 5 });
});

test('what is missing or in the way is said in one line', async () => {
  const { folder } = campaignFolder({ port: 1, addresses: ['a@b.example'] });
  const nothing = await runTodoku(folder, ['intake']);
  expect(nothing.code).toBe(2);
  expect(nothing.stderr).toMatch(/^todoku: nothing to take in — name files/);
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const bound = taken.address();
  const port = bound === null || typeof bound === 'string' ? 0 : bound.port;
  const config = { domains: [{ name: senderDomain }], inbound: { listen: `127.0.0.1:${port}` } };
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(config));
  const end = await runTodoku(folder, ['serve']);
  expect(end.code).toBe(2);
  expect(end.stderr).toMatch(
    /^todoku: 127\.0\.0\.1:\d+ \(inbound\.listen\) is in use by another program — find it with/,
  );
  expect(end.stderr.split('\n')).toHaveLength(1);
});
