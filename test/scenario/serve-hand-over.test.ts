import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packageVersion } from '../../src/app/version.ts';
import { connectControl } from '../../src/control/index.ts';
import { campaignFolder, senderDomain } from '../support/campaign-folder.ts';
import { startGatedSink } from '../support/gated-sink.ts';
import { askLedger, resumeResult, runTodoku, sendResult, startTodoku } from '../support/todoku-run.ts';
import type { TodokuRun } from '../support/todoku-run.ts';

const addresses = Array.from({ length: 2_500 }, (_, row) => `user${row}@d${row % 9}.example`);
const accepted = addresses.length;

async function serving(folder: string): Promise<TodokuRun> {
  const run = startTodoku(folder, ['serve', '--json']);
  await run.printed(/"started"/);
  return run;
}

async function ends(run: TodokuRun): Promise<void> {
  run.kill('SIGTERM');
  expect(await run.end).toMatchObject({ code: 0, signal: null });
}

test('send beside todoku serve is delivered by it, shown to its end, and the same again', async () => {
  const sink = await startGatedSink(Number.POSITIVE_INFINITY);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  const serve = await serving(folder);
  expect(statSync(join(folder, 'data', 'control.sock')).mode & 0o777).toBe(0o600);
  const first = await runTodoku(folder, send);
  expect(first).toMatchObject({ code: 0 });
  expect(sendResult(first)).toMatchObject({ accepted, delivered: accepted, waiting: 0, handedOver: true });
  expect(sendResult(first).seconds).toBeGreaterThan(0);
  // Nothing waits now, and the engine is there still.
  const second = await runTodoku(
    folder,
    send.filter((word) => word !== '--json'),
  );
  expect(second).toMatchObject({ code: 0 });
  expect(second.stdout).toContain('2,500');
  expect(sink.arrivals.count).toBe(2 * accepted);
  expect(sink.arrivals.duplicates).toBe(accepted);
  const { campaigns } = await askLedger(folder);
  expect(campaigns.map(({ waiting }) => waiting)).toEqual([0, 0]);
  await ends(serve);
});

test('who follows a campaign may leave and come back; it is cancelled while it is delivered', async () => {
  const sink = await startGatedSink(200);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  const serve = await serving(folder);
  const follower = startTodoku(folder, send);
  await sink.arrivals.reached(200);
  follower.kill('SIGINT');
  const left = await follower.end;
  expect(left).toMatchObject({ code: 130 });
  expect(sendResult(left)).toMatchObject({ accepted, interrupted: true, handedOver: true });

  const [campaign = ''] = (await askLedger(folder)).campaigns.map((row) => row.campaign);
  const again = startTodoku(folder, ['resume', '--json']);
  await again.said(/todoku serve/);
  const cancelled = await runTodoku(folder, ['cancel', campaign, '--json']);
  expect(cancelled).toMatchObject({ code: 0 });
  await sink.open();
  const end = resumeResult(await again.end);
  expect(end).toMatchObject({ campaign, accepted, waiting: 0 });
  const { cancelled: count } = JSON.parse(cancelled.stdout) as { cancelled: number };
  expect(end.cancelled).toBeLessThanOrEqual(count);
  expect(end.cancelled + end.delivered).toBe(accepted);
  expect(end.cancelled).toBeGreaterThan(0);
  await askLedger(folder);
  await ends(serve);
});

test('what is suppressed beside todoku serve gets nothing from then on', async () => {
  const sink = await startGatedSink(Number.POSITIVE_INFINITY);
  const { folder, send } = campaignFolder({ port: sink.port, addresses: ['a@d.example', 'b@d.example'] });
  const serve = await serving(folder);
  expect(await runTodoku(folder, ['suppression', 'add', 'a@d.example'])).toMatchObject({ code: 0 });
  expect(sendResult(await runTodoku(folder, send))).toMatchObject({ delivered: 1, suppressed: 1 });
  const lifted = await runTodoku(folder, [
    'suppression',
    'remove',
    'a@d.example',
    '--because',
    'asked',
    '--json',
  ]);
  expect(JSON.parse(lifted.stdout)).toEqual({ removed: 1 });
  expect(sendResult(await runTodoku(folder, [...send, '--no-wait']))).toMatchObject({
    accepted: 2,
    suppressed: 0,
  });
  await sink.arrivals.reached(3);
  await ends(serve);
});

test('a campaign whose command goes away before it is open leaves nothing', async () => {
  const sink = await startGatedSink(Number.POSITIVE_INFINITY);
  const { folder, send } = campaignFolder({ port: sink.port, addresses: ['a@d.example'] });
  const serve = await serving(folder);
  const line = await connectControl(join(folder, 'data'), packageVersion());
  onTestFinished(() => line?.close());
  const text = { name: 'x.txt', source: 'x' };
  const content = {
    from: `news@${senderDomain}`,
    replyTo: null,
    subject: 's',
    html: null,
    text,
    defaults: {},
  };
  const draft = { name: 'c-0000000000-00000', content, domain: senderDomain, createdMs: 0, expiresMs: 1e15 };
  if (line === null) throw new Error('nobody serves');
  const { id } = (await line.call('campaign create', draft)) as { id: number };
  const batch = [{ address: 'a@d.example', domain: 'd.example', variables: {} }];
  expect(await line.call('campaign addRecipients', { id, batch })).toMatchObject({ accepted: 1 });
  line.close();
  expect(sendResult(await runTodoku(folder, send))).toMatchObject({ delivered: 1 });
  expect((await askLedger(folder)).campaigns).toHaveLength(1);
  await ends(serve);
});

test('a template that does not work is told as without todoku serve, and nothing is stored', async () => {
  const { folder, send } = campaignFolder({ port: 9, addresses: ['a@d.example'] });
  const serve = await serving(folder);
  writeFileSync(join(folder, 'news.html'), '{% if %}');
  const end = await runTodoku(folder, send);
  expect(end).toMatchObject({ code: 2, stdout: '' });
  expect(end.stderr.split('\n')).toHaveLength(1);
  expect((await askLedger(folder)).campaigns).toHaveLength(0);
  await ends(serve);
});
