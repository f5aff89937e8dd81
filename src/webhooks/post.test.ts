import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { startWebhookReceiver } from '../../test/support/webhook-receiver.ts';
import { systemClock } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { DnsAnswer, Resolver } from '../net/dns/index.ts';
import { createAddressGuard } from './address-guard.ts';
import { createPoster } from './post.ts';
import type { Posted, Poster } from './post.ts';

type Names = Readonly<Record<string, () => readonly string[]>>;

/** Answers A questions out of `names`, and counts them. */
function resolverOf(names: Names): Resolver & { asked: string[] } {
  const asked: string[] = [];
  const answer = (name: string): DnsAnswer<string> => {
    asked.push(name);
    const records = names[name]?.();
    return records === undefined
      ? { kind: 'nxdomain', ttlSeconds: 0, authenticated: false }
      : { kind: 'found', records, ttlSeconds: 0, authenticated: false };
  };
  const none: DnsAnswer<string> = { kind: 'nodata', ttlSeconds: 0, authenticated: false };
  const only = { a: async (name: string) => answer(name), aaaa: async () => none, asked };
  return only as unknown as Resolver & { asked: string[] }; // nothing else is asked of it
}

function posterWith(
  facts: { names?: Names; allow?: readonly string[]; clock?: Clock } = {},
): Poster & { asked: readonly string[] } {
  const resolver = resolverOf(facts.names ?? {});
  const guard = createAddressGuard(facts.allow ?? ['127.0.0.0/8']);
  const poster = createPoster({ resolver, clock: facts.clock ?? systemClock, guard, context: null });
  onTestFinished(() => poster.stop());
  return { ...poster, asked: resolver.asked };
}

async function post(poster: Poster, url: string): Promise<Posted> {
  const headers = { 'content-type': 'application/json', 'content-length': '28', 'webhook-id': 'e-1' };
  return await poster.post({ url, headers, body: '{"type":"x","data":{"a": 1}}' });
}

describe('a request', () => {
  test('says what the endpoint answered', async () => {
    const statuses = [200, 204, 299, 300, 302, 404, 410, 500];
    const receiver = await startWebhookReceiver((_, at) => ({ status: statuses[at] ?? 0, text: '' }));
    const poster = posterWith();
    const told = [];
    for (const status of statuses) told.push([status, (await post(poster, receiver.url)).ok]);
    expect(told).toEqual(statuses.map((status) => [status, status < 300]));
  });

  test('keeps one line of what a failing endpoint says, and reads no more than 64 KB', async () => {
    const text = `line one\n\u001b[31mred\u0000${'x'.repeat(1_000_000)}`;
    const receiver = await startWebhookReceiver(() => ({ status: 500, text }));
    const { said, ok, status } = await post(posterWith(), receiver.url);
    expect([ok, status, said.length]).toEqual([false, 500, 500]);
    expect(said).toMatch(/^HTTP 500: line one \[31mred x+$/);
  });

  test('reads Retry-After in both forms', async () => {
    const values = ['120', 'Wed, 01 Jan 2031 00:00:00 GMT', '-5', 'soon', ''];
    const receiver = await startWebhookReceiver((_, at) => ({
      status: 503,
      headers: { 'retry-after': values[at] ?? '' },
    }));
    const poster = posterWith();
    const waits = [];
    for (const _ of values) waits.push((await post(poster, receiver.url)).askedWaitMs);
    expect(waits[0]).toBe(120_000);
    expect(waits[1]).toBeGreaterThan(0);
    expect(waits.slice(2)).toEqual([null, null, null]);
  });

  test('ends after 15 seconds, whatever the endpoint does', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      // Begins to answer, and never ends.
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc');
    }).listen(0, '127.0.0.1');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // a TCP server has one
    const clock = new FakeClock();
    const answer = post(posterWith({ clock }), `http://127.0.0.1:${port}/`);
    await once(server, 'connection');
    await clock.advance(15_000);
    expect(await answer).toMatchObject({ ok: false, status: null, said: 'no answer within 15 s' });
    expect(clock.pendingTimers).toBe(0);
  });

  test.each(['garbage\r\n\r\n', 'HTTP/1.1 200 OK\r\nx: \u0000\r\n\r\n', 'HTTP/1.1 999999 X\r\n\r\n', ''])(
    'what is no HTTP is a failure: %j',
    async (text) => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.end(text, 'latin1');
      }).listen(0, '127.0.0.1');
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo; // a TCP server has one
      expect(await post(posterWith(), `http://127.0.0.1:${port}/`)).toMatchObject({
        ok: false,
        status: null,
      });
    },
  );

  test('nobody there is a failure', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // a TCP server has one
    server.close();
    await once(server, 'close');
    const posted = await post(posterWith(), `http://127.0.0.1:${port}/`);
    expect(posted.said).toContain('ECONNREFUSED');
  });
});

describe('a request to where it must not go', () => {
  test.each([
    'http://127.0.0.1:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://0:PORT/',
    'http://localhost:PORT/',
    'http://app.localhost:PORT/',
    'http://LOCALHOST.:PORT/',
    'http://inside.example:PORT/',
    'http://mixed.example:PORT/',
    'http://１２７.０.０.１:PORT/',
    'https://127.0.0.1:PORT/',
    'https://inside.example:PORT/',
  ])('%s', async (template) => {
    const receiver = await startWebhookReceiver();
    const poster = posterWith({
      allow: [],
      names: {
        'inside.example': () => ['127.0.0.1'],
        'mixed.example': () => ['93.184.216.34', '127.0.0.1'],
      },
    });
    const posted = await post(poster, template.replace('PORT', String(receiver.port)));
    expect(posted).toMatchObject({ ok: false, status: null });
    expect(posted.said).toMatch(/webhooks\.allowPrivate/);
    expect(receiver.posts).toHaveLength(0);
  });

  test('a name that means another address a moment later is judged by what is connected to', async () => {
    const receiver = await startWebhookReceiver();
    let looks = 0;
    const poster = posterWith({
      allow: ['127.0.0.1/32'],
      // First an address that is allowed, then one that is not: whoever looks twice is fooled.
      names: { 'rebind.example': () => [['127.0.0.1', '127.0.0.2'][looks++] ?? ''] },
    });
    const url = `http://rebind.example:${receiver.port}/`;
    expect(await post(poster, url)).toMatchObject({ ok: true });
    expect(looks).toBe(1);
    poster.stop();
    expect((await post(poster, url)).said).toContain('127.0.0.2');
    expect(receiver.posts).toHaveLength(1);
  });

  test('in the clear it goes to no public address', async () => {
    const poster = posterWith({ names: { 'public.example': () => ['192.0.9.1'] } });
    expect((await post(poster, 'http://public.example/')).said).toContain('http:// is for addresses');
    expect((await post(poster, 'http://192.0.9.1/')).said).toContain('http:// is for addresses');
  });

  test('a name that does not exist is a failure that says so', async () => {
    expect((await post(posterWith(), 'https://nowhere.example/')).said).toContain(
      'has no address (nxdomain)',
    );
  });
});
