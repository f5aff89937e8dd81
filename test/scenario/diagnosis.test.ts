import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startDnsZone } from '../support/dns-zone.ts';
import { openSmtpDialog } from '../support/smtp-dialog.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTodoku, startTodoku } from '../support/todoku-run.ts';

type Result = {
  readonly findings: readonly { readonly id: string; readonly evidence: string }[];
  readonly score: { readonly points: number };
  readonly envelope: { readonly ip: string; readonly sender: string };
  readonly mails: number;
};

const letter = [
  'From: Shop <news@shop.example>',
  'To: check',
  'Subject: hello',
  'Message-ID: <1@shop.example>',
  '',
  'hello there, this is a letter',
  '',
].join('\r\n');

async function bring(port: number, recipients: readonly string[]): Promise<string> {
  const dialog = await openSmtpDialog(port);
  onTestFinished(() => dialog.destroy());
  await dialog.reply();
  const rcpt = recipients.map((recipient) => `RCPT TO:<${recipient}>`);
  for (const line of ['EHLO out.shop.example', 'MAIL FROM:<news@shop.example>', ...rcpt, 'DATA']) {
    const reply = await dialog.ask(line);
    if (!/^[23]/.test(reply)) return reply;
  }
  dialog.send(letter);
  const reply = await dialog.ask('\r\n.');
  dialog.send('QUIT\r\n');
  return reply;
}

test('a mail to a diagnosis address is checked as it came, and its result is private and kept', async () => {
  const txt = (
    name: string,
    data: string,
  ): readonly [string, { answers: { type: 'TXT'; name: string; data: string }[] }] => [
    `TXT ${name}`,
    { answers: [{ type: 'TXT', name, data }] },
  ];
  const zone = await startDnsZone(
    Object.fromEntries([
      txt('shop.example', 'v=spf1 ip4:192.0.2.7 -all'),
      txt('_dmarc.shop.example', 'v=DMARC1; p=reject'),
    ]),
  );
  onTestFinished(() => zone.close());
  const folder = temporaryFolder();
  const config = {
    dns: { servers: [zone.server] },
    delivery: { hostname: 'mail.todoku.example' },
    inbound: { listen: '127.0.0.1:0', diagnosis: { domain: 'check.todoku.example', mailsPerHour: 2 } },
  };
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(config));
  const todoku = startTodoku(folder, ['serve', '--json']);
  const { smtp } = JSON.parse(await todoku.printed(/"started"/)) as { smtp: { port: number } };

  const inbox = JSON.parse((await runTodoku(folder, ['check', 'inbox', '--json'])).stdout) as {
    address: string;
    id: string;
  };
  expect(inbox.address).toBe(`check-${inbox.id}@check.todoku.example`);
  const result = async (id: string): Promise<{ code: number | null; stdout: string }> =>
    await runTodoku(folder, ['check', 'result', id, '--json']);
  expect(await result(inbox.id)).toMatchObject({ code: 2 });

  expect(await bring(smtp.port, [inbox.address])).toBe('250 2.0.0 Taken');
  const first = await result(inbox.id);
  expect(first.code).toBe(1);
  const found = JSON.parse(first.stdout) as Result;
  expect(found.envelope).toMatchObject({ ip: '127.0.0.1', sender: 'news@shop.example' });
  expect(found.findings.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['message.spf-fail', 'message.no-dkim', 'message.dmarc-fail', 'message.no-date']),
  );
  expect(found.findings.find(({ id }) => id === 'message.spf-fail')?.evidence).toContain('127.0.0.1');

  // Folded to upper case on the way, together with an ordinary mailbox.
  expect(await bring(smtp.port, [inbox.address.toUpperCase(), 'postmaster'])).toBe('250 2.0.0 Taken');
  expect(JSON.parse((await result(inbox.id)).stdout)).toMatchObject({ mails: 2 });
  expect(await bring(smtp.port, [inbox.address])).toMatch(/^451 4\.3\.2 /);

  const forged = inbox.address.replace(
    /-([a-z2-7])([a-z2-7]{15})@/,
    (_, one: string, rest: string) => `-${one === 'a' ? 'b' : 'a'}${rest}@`,
  );
  expect(await bring(smtp.port, [forged])).toMatch(/^550 5\.7\.1 /);
  expect(await bring(smtp.port, ['check-me@check.todoku.example'])).toMatch(/^550 /);
  expect(await result('../todoku')).toMatchObject({ code: 2 });
  expect(readdirSync(join(folder, 'data/diagnosis'))).toEqual([`${inbox.id}.json`]);

  todoku.kill('SIGTERM');
  expect(await todoku.end).toMatchObject({ code: 0, signal: null });
});
