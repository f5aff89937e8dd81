// A receiver that blocks our address bounces nobody: the mail waits and says why, until somebody or time lets it go on.
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import type { LiftedStops, ReplayAnswer, StopInForce } from '../../src/cli/index.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import {
  askLedger,
  resumeResult,
  runTodoku,
  sendResult,
  startTodoku,
  whyAnswer,
} from '../support/todoku-run.ts';

type Stops = { readonly stops: readonly StopInForce[] };
type Receiver = { readonly port: number; isBlocking: boolean; mails: number; readonly taken: string[] };

const words = '5.7.1 Service unavailable; Client host [127.0.0.1] blocked using zen.spamhaus.org';

async function startReceiver(): Promise<Receiver> {
  const receiver = { port: 0, isBlocking: true, mails: 0, taken: [] as string[] };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onMailFrom(_address, _session, done) {
      receiver.mails++;
      done(receiver.isBlocking ? Object.assign(new Error(words), { responseCode: 554 }) : null);
    },
    onData(stream, session, done) {
      stream.resume();
      stream.on('end', () => {
        receiver.taken.push(...session.envelope.rcptTo.map(({ address }) => address));
        done();
      });
    },
  });
  const { server: socket } = server;
  server.listen(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return Object.assign(receiver, { port: (socket.address() as AddressInfo).port });
}

async function asked<Answer>(folder: string, argv: readonly string[]): Promise<Answer> {
  const end = await runTodoku(folder, [...argv, '--json']);
  expect(end).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(end.stdout) as Answer;
}

test('waits while it is blocked, says why and until when, and goes on as soon as it may', async () => {
  const receiver = await startReceiver();
  const addresses = Array.from({ length: 40 }, (_, index) => `user${index}@d${index % 4}.example`);
  const { folder, send } = campaignFolder({ port: receiver.port, addresses });
  const run = startTodoku(folder, [...send, '--json'], { TODOKU_DELIVERY_RETRY_FIRST: '100ms' });
  await run.said(/blocked there.*stopped until .*todoku path resume/);

  const { stops } = await asked<Stops>(folder, ['path', 'list']);
  expect(stops).toMatchObject([{ scope: 'source-at-site', rule: 'ip-blocked', because: 'suspended' }]);
  const detail = stops[0]?.detail;
  expect(detail).toBe(`554 ${words}`);
  // One that had no turn before the way was stopped.
  const why = whyAnswer(await runTodoku(folder, ['why', 'user39@d3.example', '--json']));
  expect(why).toMatchObject({ state: 'waiting' });
  expect(['suspended', 'retry']).toContain(why.because);
  expect(Date.parse(why.until ?? '')).toBeGreaterThan(Date.parse(stops[0]?.since ?? ''));
  expect((await askLedger(folder)).total).toMatchObject({ accepted: 40, bounced: 0, delivered: 0 });

  receiver.isBlocking = false;
  expect(await asked<LiftedStops>(folder, ['path', 'resume', '127.0.0.1'])).toEqual({
    lifted: 1,
    asked: true,
  });
  const end = await run.end;
  expect(sendResult(end)).toMatchObject({ accepted: 40, delivered: 40, bounced: 0, waiting: 0 });
  expect(receiver.taken.toSorted()).toEqual(addresses.toSorted());

  const { stops: left } = await asked<{ stops: readonly StopInForce[] }>(folder, ['path', 'list']);
  expect(left).toEqual([]);
  expect((await runTodoku(folder, ['path', 'resume', '--json'])).code).toBe(1);
});

/** Asks again until it is so; each look starts the program. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}

test('a kill -9 while it is stopped: the stop goes on, nothing is tried, nothing is lost or doubled', async () => {
  const receiver = await startReceiver();
  const addresses = Array.from({ length: 40 }, (_, index) => `user${index}@d${index % 4}.example`);
  const { folder, send } = campaignFolder({ port: receiver.port, addresses });
  const impatient = { TODOKU_DELIVERY_RETRY_FIRST: '100ms' };
  const killed = startTodoku(folder, send, impatient);
  await killed.said(/blocked there.*stopped until/);
  // Told when it is on the disk.
  await until(async () => (await asked<Stops>(folder, ['path', 'list'])).stops.length === 1);
  killed.kill('SIGKILL');
  await killed.end;
  expect((await askLedger(folder)).total).toMatchObject({ accepted: 40, waiting: 40, bounced: 0 });
  const before = receiver.mails;
  const resumed = startTodoku(folder, ['resume', '--json'], impatient);
  const because = async (): Promise<string | null> =>
    whyAnswer(await runTodoku(folder, ['why', 'user39@d3.example', '--json'])).because;
  await until(async () => ['suspended', 'retry'].includes((await because()) ?? ''));
  expect((await asked<Stops>(folder, ['path', 'list'])).stops).toHaveLength(1);
  expect(receiver.mails).toBe(before);
  receiver.isBlocking = false;
  expect((await asked<LiftedStops>(folder, ['path', 'resume', '127.0.0.1'])).lifted).toBe(1);
  expect(resumeResult(await resumed.end)).toMatchObject({ accepted: 40, delivered: 40, waiting: 0 });
  expect(receiver.taken.toSorted()).toEqual(addresses.toSorted());
});

test('a replay tells what other rules would have done, beside what was done', async () => {
  const receiver = await startReceiver();
  const addresses = Array.from({ length: 10 }, (_, index) => `user${index}@d.example`);
  const { folder, send } = campaignFolder({ port: receiver.port, addresses });
  const run = startTodoku(folder, [...send, '--json']);
  await run.said(/stopped until/);
  run.kill('SIGINT');
  await run.end;
  const rules = `reactions:
  - id: look-first
    verdict: [blocked]
    steps: [{do: alert}]
    meaning: {ja: 知らせるだけ, en: only tell}
    source: [field]
`;
  writeFileSync(join(folder, 'ours.yaml'), rules);
  const answer = await asked<ReplayAnswer>(folder, [
    'path',
    'replay',
    '--since',
    '1d',
    '--rules',
    'ours.yaml',
  ]);
  expect(answer.rules).toEqual(['look-first']);
  expect(answer.replies).toBeGreaterThan(0);
  expect(answer.would).toHaveLength(answer.replies);
  expect(new Set(answer.would.map((each) => each.do))).toEqual(new Set(['alert']));
  expect(answer.did.map(({ do: step, rule }) => `${rule} ${step}`)).toEqual([
    'ip-blocked suspend',
    'ip-blocked alert',
  ]);

  const own = await asked<ReplayAnswer>(folder, ['path', 'replay', '--since', '1d']);
  expect(own.would.map((each) => each.do)).toEqual(['suspend', 'alert']);
  expect(own.spared).toEqual({ delivered: 0, failed: own.replies - 1 });

  writeFileSync(join(folder, 'bad.yaml'), rules.replace('blocked', 'blokked'));
  const bad = await runTodoku(folder, [
    'path',
    'replay',
    '--since',
    '1d',
    '--rules',
    'bad.yaml',
    '--lang',
    'en',
  ]);
  expect(bad.code).toBe(2);
  expect(bad.stderr).toMatch(/bad\.yaml:3: reactions\.0\.verdict\.0/);
  // Nobody delivers any more: the stop is lifted at once.
  expect(await asked<LiftedStops>(folder, ['path', 'resume'])).toEqual({ lifted: 1, asked: false });
});
