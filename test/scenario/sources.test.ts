// Sending addresses: from which one a mail goes out, how far each is warmed up, and whether its names are right.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import type { ExplainedSite, SourceAccount, SourceCheck } from '../../src/cli/index.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import { a, startDnsZone } from '../support/dns-zone.ts';
import { runTodoku, sendResult } from '../support/todoku-run.ts';

/** Takes everything, and knows from where it came. */
async function startReceiver(): Promise<{ readonly port: number; readonly from: Map<string, number> }> {
  const from = new Map<string, number>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      stream.resume();
      stream.on('end', () => {
        from.set(session.remoteAddress, (from.get(session.remoteAddress) ?? 0) + 1);
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, from };
}

type Source = { readonly ip: string; readonly hostname: string; readonly warmup?: object };

function configure(
  folder: string,
  change: { readonly sources: readonly Source[]; readonly dns?: object },
): void {
  const file = join(folder, 'todoku.yaml');
  const config: unknown = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...(config as object), ...change }));
}

async function asked<Answer>(folder: string, argv: readonly string[], code = 0): Promise<Answer> {
  const end = await runTodoku(folder, [...argv, '--json']);
  expect(end).toMatchObject({ code, stderr: '' });
  return JSON.parse(end.stdout) as Answer;
}

test('mail leaves from the addresses that are configured; a young one sends what its day allows', async () => {
  const receiver = await startReceiver();
  const addresses = Array.from({ length: 120 }, (_, index) => `user${index}@d${index % 3}.example`);
  const { folder, send } = campaignFolder({ port: receiver.port, addresses });
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(join(folder, 'plan.yaml'), 'plans:\n  - {id: ours, days: [20, 40], source: [field]}\n');
  configure(folder, {
    sources: [
      { ip: '127.0.0.21', hostname: 'a.news.example', warmup: { start: today, plan: 'plan.yaml' } },
      { ip: '127.0.0.22', hostname: 'b.news.example' },
    ],
  });
  const first = await runTodoku(folder, [...send, '--json']);
  expect(sendResult(first)).toMatchObject({ delivered: 120, waiting: 0 });
  expect([...receiver.from].toSorted(([one], [other]) => one.localeCompare(other))).toEqual([
    ['127.0.0.21', 20],
    ['127.0.0.22', 100],
  ]);
  const { sources } = await asked<{ sources: readonly SourceAccount[] }>(folder, ['source', 'list']);
  expect(sources.map(({ ip, warmup }) => [ip, warmup?.plan ?? null])).toEqual([
    ['127.0.0.21', 'ours'],
    ['127.0.0.22', null],
  ]);
  const young = await asked<SourceAccount>(folder, ['source', 'explain', '127.0.0.21']);
  expect(young.warmup?.providers).toMatchObject([
    { provider: null, day: 1, of: 2, most: 20, sentToday: 20, badToday: 0, because: 'first-day' },
  ]);
  const way = await asked<ExplainedSite>(folder, ['path', 'explain', '127.0.0.1']);
  expect(
    way.paths.map(({ source, warmup }) => [source, warmup?.day, warmup?.most, warmup?.sentToday]),
  ).toEqual([
    ['127.0.0.21', 1, 20, 20],
    ['127.0.0.22', undefined, undefined, undefined],
  ]);
  const inWords = await runTodoku(folder, ['path', 'explain', '127.0.0.1', '--source', '127.0.0.21']);
  expect(inWords.stdout).toMatch(/warm-up day 1 of 2: 20 messages today \(UTC\), 20 sent/);
  // Another process, the same day: the day's number is not begun anew.
  expect(sendResult(await runTodoku(folder, [...send, '--json']))).toMatchObject({ delivered: 120 });
  expect(receiver.from.get('127.0.0.21')).toBe(20);

  const unknown = await runTodoku(folder, ['source', 'explain', '127.0.0.99']);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/127\.0\.0\.99/);
});

test('checks that an address is ours, and that its names point at each other', async () => {
  const zone = await startDnsZone({
    'A a.news.example': { answers: [a('a.news.example', '127.0.0.21')] },
    'A b.news.example': { answers: [a('b.news.example', '127.0.0.99')] },
    'PTR 21.0.0.127.in-addr.arpa': {
      answers: [{ type: 'PTR', name: '21.0.0.127.in-addr.arpa', ttl: 300, data: 'a.news.example' }],
    },
    'PTR 1.2.0.192.in-addr.arpa': { rcode: 2 },
  });
  onTestFinished(() => zone.close());
  const { folder } = campaignFolder({ port: 1, addresses: [] });
  configure(folder, {
    sources: [
      { ip: '127.0.0.21', hostname: 'a.news.example' },
      { ip: '127.0.0.22', hostname: 'b.news.example' },
      { ip: '192.0.2.1', hostname: 'c.news.example' },
    ],
    dns: { servers: [zone.server] },
  });
  const { sources } = await asked<{ sources: readonly SourceCheck[] }>(folder, ['source', 'check'], 1);
  const results = sources.map(({ findings }) => findings.map(({ id, result }) => `${id} ${result}`));
  expect(results).toEqual([
    ['local-address ok', 'forward-name ok', 'reverse-name ok'],
    ['local-address ok', 'forward-name wrong', 'reverse-name wrong'],
    ['local-address wrong', 'forward-name wrong', 'reverse-name unknown'],
  ]);
  await asked(folder, ['source', 'check', '127.0.0.21']);
});
