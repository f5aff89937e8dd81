import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { campaignFolder, senderDomain } from '../support/campaign-folder.ts';
import { startGatedSink } from '../support/gated-sink.ts';
import { openSmtpDialog } from '../support/smtp-dialog.ts';
import { askLedger, runTodoku, startTodoku } from '../support/todoku-run.ts';

const addresses = Array.from({ length: 3_000 }, (_, row) => `user${row}@d${row % 9}.example`);
const accepted = addresses.length;

test('SIGTERM while todoku serve delivers: what is due is waited for, clients are told, the next start goes on', async () => {
  const sink = await startGatedSink(1_000);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  const config = {
    delivery: {
      hostname: `mail.${senderDomain}`,
      routes: [{ domain: '*', host: '127.0.0.1', port: sink.port }],
    },
    domains: [{ name: senderDomain, returnPath: `bounce.${senderDomain}` }],
    inbound: { listen: '127.0.0.1:0' },
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(config));
  expect(await runTodoku(folder, [...send, '--no-wait'])).toMatchObject({ code: 0 });

  const first = startTodoku(folder, ['serve', '--json']);
  const { smtp } = JSON.parse(await first.printed(/"started"/)) as { smtp: { port: number } };
  const client = await openSmtpDialog(smtp.port);
  onTestFinished(() => client.destroy());
  expect(await client.reply()).toMatch(/^220 /);
  await sink.arrivals.reached(1_000);
  first.kill('SIGTERM');
  expect(await client.reply()).toMatch(/^421 4\.3\.2 /);
  expect(await client.closed).toBe('<closed>');
  await sink.open();
  const end = await first.end;
  expect(end).toMatchObject({ code: 0, signal: null, stderr: '' });
  expect(end.stdout.trim().split('\n')).toHaveLength(2);
  const { total } = await askLedger(folder);
  expect(total).toMatchObject({ accepted, delivered: sink.arrivals.count, bounced: 0, expired: 0 });
  expect(total.waiting).toBe(accepted - sink.arrivals.count);
  expect(total.waiting).toBeGreaterThan(0);

  const second = startTodoku(folder, ['serve', '--json']);
  await second.printed(/"started"/);
  await sink.arrivals.reached(accepted);
  await expect.poll(async () => (await askLedger(folder)).total.waiting, { timeout: 60_000 }).toBe(0);
  second.kill('SIGINT');
  expect(await second.end).toMatchObject({ code: 0, stderr: '' });
  expect(sink.arrivals.duplicates).toBe(0);
  expect((await askLedger(folder)).total).toMatchObject({ accepted, delivered: accepted, waiting: 0 });
});
