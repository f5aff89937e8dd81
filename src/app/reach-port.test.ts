import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../base/index.ts';
import { loadConfig } from '../config/index.ts';
import type { TlsProof } from '../net/smtp-client/index.ts';
import { reachPort } from './reach-port.ts';

const config = loadConfig({
  file: '/nowhere/todoku.yaml',
  explicit: false,
  environment: {},
  hostname: 'host.test',
});

/** Serves one answer to every line, after a greeting. */
async function listening(greeting: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {}); // a client that leaves early is none of the server's business
    socket.on('data', (bytes) =>
      socket.write(/^quit/i.test(bytes.toString()) ? '221 bye\r\n' : '250 ok\r\n'),
    );
    socket.write(greeting);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return bound.port;
}

async function reached(
  port: number,
  proof: TlsProof | null = null,
): Promise<Awaited<ReturnType<typeof reachPort>>> {
  const place = { host: 'mx.test', address: '127.0.0.1', proof };
  return await reachPort({ delivery: { ...config.delivery, port } }, place, systemClock);
}

test('a server that greets is there, and TLS is looked at', async () => {
  expect(await reached(await listening('220 mx.test\r\n'))).toEqual({
    open: true,
    proven: null,
    text: 'no TLS (STARTTLS false)',
  });
});

test('so is one that refuses this client', async () => {
  const seen = await reached(await listening('554 5.7.1 not you\r\n'));
  expect(seen).toMatchObject({ open: true });
  expect(seen.text).toContain('not you');
});

test('a closed port is not', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const seen = await reached(port);
  expect(seen.open).toBe(false);
  expect(seen.text).toContain('connect-refused');
});

test('one without TLS proves nothing, and is there all the same', async () => {
  const seen = await reached(await listening('220 mx.test\r\n'), { by: 'pkix' });
  expect(seen).toMatchObject({ open: true, proven: false });
  expect(seen.text).toContain('tls-unavailable');
});
