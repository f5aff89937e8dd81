import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { apiWorld } from '../../test/support/http-api.ts';
import type { ApiWorld } from '../../test/support/http-api.ts';
import { systemClock } from '../base/index.ts';
import { answer, startHttpServer } from './index.ts';
import type { HttpServer } from './index.ts';
import { z } from '@hono/zod-openapi';

const body = z.strictObject({ text: z.string() });
const common = { group: 'test', scope: null, summary: { ja: 'x', en: 'x' }, answers: { 200: null } } as const;

type World = ApiWorld & {
  readonly server: HttpServer;
  readonly release: () => void;
  readonly waiting: Promise<void>;
};

async function start(
  limits: { bodyBytes?: number; timeouts?: { headersMs: number; requestMs: number; checkMs: number } } = {},
): Promise<World> {
  const { promise, resolve: release } = Promise.withResolvers<void>();
  const { promise: waiting, resolve: waits } = Promise.withResolvers<void>();
  const world = apiWorld(
    [
      (api) => {
        api.endpoint({ ...common, method: 'get', path: '/v1/quick' }, () => answer(200, { ok: true }));
        api.endpoint({ ...common, method: 'post', path: '/v1/echo', body }, ({ body: { text } }) =>
          answer(200, { octets: text.length }),
        );
        api.endpoint({ ...common, method: 'get', path: '/v1/slow' }, async () => {
          waits();
          await promise;
          return answer(200, { ok: true });
        });
      },
    ],
    limits.bodyBytes === undefined ? {} : { bodyBytes: limits.bodyBytes },
  );
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    app: world.app,
    clock: systemClock,
    trouble: (error) => void world.troubles.push(error),
    ...(limits.timeouts === undefined ? {} : { timeouts: limits.timeouts }),
  });
  onTestFinished(async () => await server.close(0));
  return { ...world, server, release, waiting };
}

async function dial({ server }: World): Promise<Socket> {
  const socket = connect(server.port, server.host);
  socket.on('error', () => undefined).resume();
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** `once` rejects at a reset, which is a way of closing, too. */
async function closing(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

async function ask(world: World, path: string, init: RequestInit = {}): Promise<Response> {
  const { token } = world.key();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return await fetch(`http://127.0.0.1:${world.server.port}${path}`, { headers, ...init });
}

test('2,000 idle connections, and as many that never end their head, do not stop others', async () => {
  const world = await start();
  const idle = await Promise.all(Array.from({ length: 2_000 }, async () => await dial(world)));
  for (const [index, socket] of idle.entries())
    if (index % 2 === 0) socket.write('GET /v1/quick HTTP/1.1\r\nHost: x\r\nX-A: ');
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => (await ask(world, '/v1/quick')).status),
  );
  expect(new Set(answers)).toEqual(new Set([200]));
  expect(world.troubles).toEqual([]);
}, 60_000);

test('who sends a head or a body a byte at a time is cut off', async () => {
  const world = await start({ timeouts: { headersMs: 50, requestMs: 100, checkMs: 20 } });
  const head = await dial(world);
  head.write('POST /v1/echo HTTP/1.1\r\nHost: x\r\nX-A: ');
  const { token } = world.key();
  const slow = await dial(world);
  slow.write(
    `POST /v1/echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
  );
  await Promise.all([closing(head), closing(slow)]);
  expect((await ask(world, '/v1/quick')).status).toBe(200);
  expect(world.troubles).toEqual([]);
});

test('a body of strangers is not read, and one that is too large not to its end', async () => {
  const world = await start({ bodyBytes: 1_000 });
  const stranger = await fetch(`http://127.0.0.1:${world.server.port}/v1/echo`, {
    method: 'POST',
    body: 'x'.repeat(500_000),
  });
  expect(stranger.status).toBe(401);
  const announced = await ask(world, '/v1/echo', {
    method: 'POST',
    body: JSON.stringify({ text: 'x'.repeat(2_000) }),
  });
  expect(announced.status).toBe(413);
  // Without a length: counted while it comes.
  const { token } = world.key();
  const chunked = request({
    host: '127.0.0.1',
    port: world.server.port,
    path: '/v1/echo',
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  chunked.on('error', () => undefined);
  chunked.write('{"text":"');
  chunked.write('x'.repeat(5_000));
  const [response] = (await once(chunked, 'response')) as [
    { statusCode: number; headers: { connection?: string } },
  ];
  expect(response.statusCode).toBe(413);
  expect(response.headers.connection).toBe('close');
  chunked.destroy();
  expect(world.troubles).toEqual([]);
});

test.each([
  ['no HTTP at all', 'EHLO me\r\n\r\n'],
  ['a head without end', `GET / HTTP/1.1\r\nX-A: ${'x'.repeat(100_000)}\r\n\r\n`],
  [
    'two lengths',
    'POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
  ],
  [
    'a length and chunks',
    'POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
])('%s is answered with 400 or closed, and the next one is served', async (_, bytes) => {
  const world = await start();
  const socket = await dial(world);
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  socket.write(bytes);
  await closing(socket);
  expect(said).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  expect((await ask(world, '/v1/quick')).status).toBe(200);
});

test('when it stops, what is under way is answered, and nothing new is taken', async () => {
  const world = await start();
  const slow = ask(world, '/v1/slow');
  await world.waiting;
  const closed = world.server.close(60_000);
  await expect(ask(world, '/v1/quick')).rejects.toThrow('fetch failed');
  world.release();
  expect((await slow).status).toBe(200);
  await closed;
});

test('a client that goes away in the middle is no fault', async () => {
  const world = await start();
  const { token } = world.key();
  for (let n = 0; n < 20; n++) {
    const socket = await dial(world);
    socket.write(
      `POST /v1/echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"te`,
    );
    socket.resetAndDestroy();
  }
  expect((await ask(world, '/v1/quick')).status).toBe(200);
  expect(world.troubles).toEqual([]);
});
