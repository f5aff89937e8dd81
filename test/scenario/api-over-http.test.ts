import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { campaignFolder, senderDomain } from '../support/campaign-folder.ts';
import { startGatedSink } from '../support/gated-sink.ts';
import type { ApiBody } from '../support/http-api.ts';
import { askLedger, runTodoku, startTodoku, whyAnswer } from '../support/todoku-run.ts';
import type { TodokuRun } from '../support/todoku-run.ts';

type Served = {
  readonly run: TodokuRun;
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<{ readonly status: number; readonly body: ApiBody }>;
  readonly folder: string;
};

async function serve(port: number): Promise<Served> {
  const { folder } = campaignFolder({ port, addresses: [] });
  const file = join(folder, 'todoku.yaml');
  const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...config, http: { listen: '127.0.0.1:0' } }));
  const run = startTodoku(folder, ['serve', '--json']);
  const started = await run.printed(/"started"/);
  const place = /"name":"http","places":\[\{"host":"127\.0\.0\.1","port":(\d+)\}/.exec(
    started.replaceAll(/\s/g, ''),
  )?.[1];
  // Made while it serves: the process that works in the folder stores it.
  const made = await runTodoku(folder, [
    'key',
    'create',
    'shop',
    '--scope',
    'messages:send',
    '--scope',
    'messages:read',
    '--scope',
    'campaigns',
    '--json',
  ]);
  const { token } = JSON.parse(made.stdout) as { token: string };
  return {
    run,
    folder,
    async call(method, path, body, headers = {}) {
      const response = await fetch(`http://127.0.0.1:${place}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': typeof body === 'string' ? 'text/csv' : 'application/json',
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as ApiBody };
    },
  };
}

const from = `shop@${senderDomain}`;

test('a mail that was handed over by HTTP arrives once, and says so by every name it has', async () => {
  const sink = await startGatedSink(Number.POSITIVE_INFINITY);
  const { run, call, folder } = await serve(sink.port);
  const mail = { from, to: ['taro@a.example', 'jiro@b.example'], subject: 'ご注文', text: 'どうも' };
  const first = await call('POST', '/v1/messages', mail, { 'idempotency-key': 'order-1' });
  expect(first).toMatchObject({ status: 202, body: { repeated: false } });
  const again = await call('POST', '/v1/messages', mail, { 'idempotency-key': 'order-1' });
  expect(again.body).toEqual({ ...first.body, repeated: true });
  const other = await call('POST', '/v1/messages', { ...mail, text: 'x' }, { 'idempotency-key': 'order-1' });
  expect(other).toMatchObject({ status: 409, body: { code: 'idempotency-conflict' } });
  await sink.arrivals.reached(2);
  const id = String(first.body['id']);
  await settled(async () =>
    (await call('GET', `/v1/messages/${id}`)).body.messages.every(({ state }) => state === 'delivered'),
  );
  const why = await call('GET', `/v1/messages/${id}.1/why`);
  expect(why.body).toMatchObject({ to: 'taro@a.example', state: 'delivered', certainty: 'proved' });
  const told = whyAnswer(await runTodoku(folder, ['why', `${id}.1`, '--json']));
  expect({ ...why.body, older: [] }).toEqual({ ...told, older: [] });
  expect(sink.arrivals.count).toBe(2);
  run.kill('SIGTERM');
  expect(await run.end).toMatchObject({ code: 0 });
  expect((await askLedger(folder)).total).toMatchObject({ accepted: 2, delivered: 2, waiting: 0 });
});

test('a campaign made by HTTP waits until it is started, while other mail goes on', async () => {
  const sink = await startGatedSink(Number.POSITIVE_INFINITY);
  const { run, call, folder } = await serve(sink.port);
  const made = await call('POST', '/v1/campaigns', {
    from,
    subject: '{{ name }}',
    text: 'こんにちは {{ name }}',
  });
  const id = String(made.body['id']);
  const csv = `email,name\n${Array.from({ length: 50 }, (_, n) => `u${n}@c${n % 3}.example,名前${n}`).join('\n')}\n`;
  const filled = await call('PUT', `/v1/campaigns/${id}/recipients`, csv);
  expect(filled.body).toMatchObject({ state: 'paused', accepted: 50 });
  // What overtakes it shows that the engine works and leaves it alone.
  await call('POST', '/v1/messages', { from, to: 'x@a.example', subject: 's', text: 't' });
  await sink.arrivals.reached(1);
  const paused = await call('GET', `/v1/campaigns/${id}`);
  expect(paused.body).toMatchObject({ state: 'paused', progress: { waiting: 50, delivered: 0 } });
  const started = await call('POST', `/v1/campaigns/${id}/start`);
  expect(started.body['state']).toBe('running');
  await sink.arrivals.reached(51);
  await settled(async () => (await call('GET', `/v1/campaigns/${id}`)).body['state'] === 'finished');
  const done = await call('GET', `/v1/campaigns/${id}`);
  expect(done.body['progress']).toMatchObject({ accepted: 50, delivered: 50, waiting: 0 });
  run.kill('SIGTERM');
  expect(await run.end).toMatchObject({ code: 0 });
  await askLedger(folder);
});

/** What is durable a moment later than the receiver has it: asked until it is there. */
async function settled(there: () => Promise<boolean>): Promise<void> {
  while (!(await there())) await new Promise((resolve) => setImmediate(resolve));
}
