import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startArrivalSink } from '../support/arrivals.ts';
import { campaignFolder, senderDomain } from '../support/campaign-folder.ts';
import { gzip, mailWith, recordXml, reportXml, tlsJson } from '../support/report-samples.ts';
import { suppressedIn } from '../support/returning-campaign.ts';
import { openSmtpDialog } from '../support/smtp-dialog.ts';
import { askLedger, runTodoku, sendResult, startTodoku } from '../support/todoku-run.ts';

const [leaver, stayer] = ['leaver@d.example', 'stayer@d.example'];
const returnPath = `bounce.${senderDomain}`;

/** Sends one mail as a stranger's server does; the reply to its last line. */
async function bring(port: number, recipient: string, mail: string | Buffer): Promise<string> {
  const dialog = await openSmtpDialog(port);
  onTestFinished(() => dialog.destroy());
  await dialog.reply();
  for (const line of ['EHLO mx.example', 'MAIL FROM:<>', `RCPT TO:<${recipient}>`, 'DATA']) {
    const reply = await dialog.ask(line);
    if (!/^[23]/.test(reply)) return reply;
  }
  dialog.send(mail);
  const reply = await dialog.ask('\r\n.');
  dialog.send('QUIT\r\n');
  return reply;
}

const letter = (text: string): string =>
  `From: taro@d.example\r\nTo: someone\r\nSubject: ${text}\r\n\r\n${text}\r\n`;

test('a wish to be left alone, reports and letters that come to todoku serve', async () => {
  const tokens = new Map<string, string>();
  const { sink, arrivals } = await startArrivalSink(({ recipients, content }) => {
    const [, address = ''] = /<mailto:(unsubscribe\+[^>?]+)/.exec(content?.toString() ?? '') ?? [];
    tokens.set(recipients[0] ?? '', address);
  });
  const { folder, send } = campaignFolder({ port: sink.port, addresses: [leaver, stayer] });
  const config = {
    delivery: {
      hostname: `mail.${senderDomain}`,
      routes: [{ domain: '*', host: '127.0.0.1', port: sink.port }],
    },
    domains: [{ name: senderDomain, returnPath }],
    inbound: { listen: '127.0.0.1:0' },
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(config));
  expect(await runTodoku(folder, [...send, '--no-wait'])).toMatchObject({ code: 0 });

  const todoku = startTodoku(folder, ['serve', '--json']);
  const { smtp } = JSON.parse(await todoku.printed(/"started"/)) as { smtp: { port: number } };
  const at = async (recipient: string, mail: string | Buffer): Promise<string> =>
    await bring(smtp.port, recipient, mail);
  await arrivals.reached(2);
  await expect.poll(async () => (await askLedger(folder)).total.delivered).toBe(2);

  expect(tokens.get(leaver)).toMatch(new RegExp(`^unsubscribe\\+n\\d+-[a-z2-7]{16}@${returnPath}$`));
  expect(await at(tokens.get(leaver) ?? '', letter('unsubscribe'))).toBe('250 2.0.0 Taken');
  const forged = (tokens.get(stayer) ?? '').replace(/-[a-z2-7]/, (part) => (part === '-a' ? '-b' : '-a'));
  expect(await at(forged, letter('unsubscribe'))).toMatch(/^550 5\.7\.1 /);
  const record = recordXml({ ip: '198.51.100.9', count: 3, headerFrom: senderDomain });
  const dmarc = mailWith(gzip(reportXml([record], { domain: senderDomain })));
  expect(await at(`dmarc@${senderDomain}`, dmarc)).toBe('250 2.0.0 Taken');
  expect(await at(`dmarc@${senderDomain}`, dmarc)).toBe('250 2.0.0 Taken');
  const policy = {
    policy: { 'policy-type': 'sts', 'policy-domain': senderDomain },
    summary: { 'total-successful-session-count': 5, 'total-failure-session-count': 0 },
  };
  expect(await at(`tlsrpt@${senderDomain}`, mailWith(gzip(tlsJson([policy]))))).toBe('250 2.0.0 Taken');
  expect(await at('postmaster', letter('help'))).toBe('250 2.0.0 Taken');
  expect(await at(`dmarc@${senderDomain}`, letter('who reads this?'))).toBe('250 2.0.0 Taken');
  expect(await at('taro@elsewhere.example', letter('relay'))).toMatch(/^550 5\.7\.1 Relaying denied/);

  todoku.kill('SIGTERM');
  const end = await todoku.end;
  expect(end).toMatchObject({ code: 0, signal: null, stderr: '' });
  expect(JSON.parse(end.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    event: 'stopped',
    taken: { news: 0, unsubscribe: 1, report: 3, kept: 2, ignored: 0, refused: 2 },
    ledger: { ok: true, total: { accepted: 2, delivered: 2 } },
  });

  expect(await suppressedIn(folder)).toEqual(new Map([[leaver, 'unsubscribed']]));
  const reports = await runTodoku(folder, ['report', 'list', '--json']);
  expect(reports.stdout.match(/"kind":"(?:dmarc-aggregate|tls)"/g)?.toSorted()).toEqual([
    '"kind":"dmarc-aggregate"',
    '"kind":"tls"',
  ]);
  const kept = join(folder, 'data/kept-mail/new');
  const letters = readdirSync(kept).map((name) => readFileSync(join(kept, name), 'utf8'));
  expect(letters.toSorted()).toEqual(
    [letter('help'), letter('who reads this?')].map((text) => `${text}\r\n`),
  );
  const next = await runTodoku(folder, send);
  expect(sendResult(next)).toMatchObject({ accepted: 2, delivered: 1, suppressed: 1 });
});
