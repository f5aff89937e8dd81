import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { campaignFolder, senderDomain } from '../support/campaign-folder.ts';
import { startGatedSink } from '../support/gated-sink.ts';
import { askLedger, runTodoku, startTodoku } from '../support/todoku-run.ts';
import type { TodokuRun } from '../support/todoku-run.ts';

const addresses = Array.from({ length: 300 }, (_, row) => `user${row}@d${row % 9}.example`);

function configure(folder: string, port: number, more: Readonly<Record<string, unknown>>): void {
  const config = {
    delivery: {
      hostname: `mail.${senderDomain}`,
      routes: [{ domain: '*', host: '127.0.0.1', port }],
    },
    domains: [{ name: senderDomain, returnPath: `bounce.${senderDomain}` }],
    metrics: { listen: '127.0.0.1:0' },
    ...more,
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(config));
}

async function operationPort(run: TodokuRun): Promise<number> {
  const { doors } = JSON.parse(await run.printed(/"started"/)) as {
    doors: { name: string; places: { port: number }[] }[];
  };
  return doors.find(({ name }) => name === 'metrics')?.places[0]?.port ?? 0;
}

test('it says that it lives, that it is ready, and what it did; at SIGTERM that it is not ready any more', async () => {
  const sink = await startGatedSink(100);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  configure(folder, sink.port, {});
  const serve = startTodoku(folder, ['serve', '--json']);
  const base = `http://127.0.0.1:${await operationPort(serve)}`;
  expect(await (await fetch(`${base}/healthz`)).json()).toEqual({ status: 'ok' });
  const ready = await fetch(`${base}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'ready', checks: { accepting: true, store: true, engine: true, disk: true } },
  ]);
  expect((await fetch(`${base}/v1/messages`)).status).toBe(404);

  expect(await runTodoku(folder, [...send, '--no-wait'])).toMatchObject({ code: 0 });
  await sink.arrivals.reached(100);
  await expect
    .poll(async () => await (await fetch(`${base}/metrics`)).text())
    .toMatch(/^todoku_messages_settled_total\{state="delivered"\} [1-9]/m);
  const text = await (await fetch(`${base}/metrics`)).text();
  expect(text).toContain('todoku_messages_accepted_total{via="campaign"} 300\n');
  expect(text).toMatch(/^todoku_messages_waiting [1-9]/m);
  expect(text).toContain('todoku_engine_running 1\n');
  expect(text).toContain('todoku_ready 1\n');

  // A connection that a balancer keeps open hears of the end before it comes.
  serve.kill('SIGTERM');
  await expect.poll(async () => (await fetch(`${base}/readyz`)).status).toBe(503);
  expect((await fetch(`${base}/healthz`)).status).toBe(200);
  await sink.open();
  expect(await serve.end).toMatchObject({ code: 0, signal: null });
  await expect(fetch(`${base}/healthz`)).rejects.toThrow('fetch failed');
  expect(sink.arrivals.duplicates).toBe(0);
  const { total } = await askLedger(folder);
  expect(total.delivered).toBe(sink.arrivals.count);
});

test('a second signal ends it at once, and what was accepted waits for the next start', async () => {
  const sink = await startGatedSink(100);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  configure(folder, sink.port, {});
  const serve = startTodoku(folder, ['serve', '--json']);
  const port = await operationPort(serve);
  expect(await runTodoku(folder, [...send, '--no-wait'])).toMatchObject({ code: 0 });
  await sink.arrivals.reached(100);
  serve.kill('SIGTERM');
  await expect.poll(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503);
  // The same key press may come twice within a fifth of a second (interruption.ts): pressed until it counts.
  const pressed = async (): Promise<number | null | undefined> => {
    serve.kill('SIGTERM');
    return (await Promise.race([serve.end, Promise.resolve(null)]))?.code;
  };
  await expect.poll(pressed, { interval: 100, timeout: 5_000 }).toBe(130);
  const end = await serve.end;
  expect(end).toMatchObject({ code: 130 });
  const { total } = await askLedger(folder);
  expect(total.accepted).toBe(addresses.length);
  expect(total.waiting).toBeGreaterThan(0);
});

test('the log of a whole run is JSON, and with log.maskAddresses it names nobody', async () => {
  const sink = await startGatedSink(Number.POSITIVE_INFINITY);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  configure(folder, sink.port, { log: { level: 'debug', maskAddresses: true } });
  const serve = startTodoku(folder, ['serve']);
  await serve.said(/"event":"started"/);
  expect(await runTodoku(folder, send)).toMatchObject({ code: 0 });
  serve.kill('SIGTERM');
  const end = await serve.end;
  expect(end).toMatchObject({ code: 0, stdout: '' });
  const lines = end.stderr.split('\n').map((line) => JSON.parse(line) as { event: string; level: string });
  const events = lines.map(({ event }) => event);
  expect(events.filter((event) => event === 'settled')).toHaveLength(addresses.length);
  expect(events).toEqual(expect.arrayContaining(['started', 'stopping', 'stopped']));
  expect(end.stderr).not.toMatch(/user\d+@/);
});

test('an address that is taken is told in one line', async () => {
  const [first, second] = [0, 1].map(() => campaignFolder({ port: 9, addresses: [] }).folder);
  if (first === undefined || second === undefined) throw new Error('two folders');
  configure(first, 9, {});
  const serve = startTodoku(first, ['serve', '--json']);
  const listen = `127.0.0.1:${await operationPort(serve)}`;
  configure(second, 9, { metrics: { listen } });
  const end = await runTodoku(second, ['serve', '--json']);
  expect(end).toMatchObject({ code: 2, stdout: '' });
  expect(end.stderr.split('\n').at(-1)).toMatch(`${listen} (metrics.listen) is in use`);
  serve.kill('SIGTERM');
  expect(await serve.end).toMatchObject({ code: 0 });
});
