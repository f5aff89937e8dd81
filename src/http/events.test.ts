import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { closedAfter } from '../../test/contract/contract-store.ts';
import { final, recipients } from '../../test/contract/samples.ts';
import { FakeClock, settlePromises } from '../../test/support/fake-clock.ts';
import { apiWorld } from '../../test/support/http-api.ts';
import type { ApiWorld } from '../../test/support/http-api.ts';
import { openCampaign } from '../../test/support/memory-store.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { systemClock } from '../base/index.ts';
import { openStore } from '../storage/sqlite/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { createEventStreams } from '../webhooks/index.ts';
import type { EventStreams } from '../webhooks/index.ts';
import { eventRoutes, startHttpServer } from './index.ts';

type World = ApiWorld & { readonly store: Store; readonly streams: EventStreams };

function world(clock = new FakeClock()): World {
  const store = closedAfter(openStore({ folder: temporaryFolder(), clock, create: true }));
  const streams = createEventStreams(store.events, clock);
  onTestFinished(() => streams.stop());
  const api = apiWorld([(each) => eventRoutes(each, { events: store.events, streams })], {}, clock);
  return { ...api, store, streams };
}

function typesOf(data: readonly Readonly<Record<string, unknown>>[]): readonly unknown[] {
  return data.map(({ type }) => type);
}

describe('GET /v1/events', () => {
  test('pages go on behind each other, and behind the last there is nothing until something happens', async () => {
    const { store, call } = world();
    openCampaign(store, recipients(3), { name: 'c-1', domain: 'one.example' });
    const first = await call('GET', '/v1/events?limit=2');
    expect([first.status, typesOf(first.body.data), first.body['more']]).toEqual([
      200,
      ['message.accepted', 'message.accepted'],
      true,
    ]);
    const second = await call('GET', `/v1/events?cursor=${String(first.body['next'])}`);
    expect([typesOf(second.body.data), second.body['more']]).toEqual([['message.accepted'], false]);
    const third = await call('GET', `/v1/events?cursor=${String(second.body['next'])}`);
    expect([third.body.data, third.body['more']]).toEqual([[], false]);
    store.delivery.commit([final(1, 'delivered')], [], []);
    const fourth = await call('GET', `/v1/events?cursor=${String(third.body['next'])}`);
    expect(fourth.body.data).toMatchObject([
      {
        type: 'message.delivered',
        data: {
          campaign: 'c-1',
          domain: 'one.example',
          recipient: 'user0@d0.example',
          reason: { replyCode: 250 },
        },
      },
    ]);
  });

  test('a key sees the events of its domains alone', async () => {
    const { store, call, key } = world();
    openCampaign(store, recipients(1), { name: 'c-1', domain: 'one.example' });
    openCampaign(store, recipients(1), { name: 'c-2', domain: 'two.example' });
    const { token } = key({ domains: ['two.example'] });
    const own = await call('GET', '/v1/events', { token });
    expect(own.body.data.map(({ data }) => data)).toMatchObject([{ campaign: 'c-2' }]);
    for (const path of ['/v1/events?domain=one.example', '/v1/events/stream?domain=one.example']) {
      expect((await call('GET', path, { token })).body.code).toBe('domain-not-allowed');
    }
    const blind = key({ scopes: ['messages:read'] });
    expect((await call('GET', '/v1/events', { token: blind.token })).body.code).toBe('scope-missing');
    expect((await call('GET', '/v1/events/stream', { token: blind.token })).body.code).toBe('scope-missing');
  });

  test('types are asked for by name, several with commas', async () => {
    const { store, call } = world();
    openCampaign(store, recipients(2), { name: 'c-1' });
    store.delivery.commit([final(1, 'delivered'), final(2, 'bounced')], [], []);
    const asked = await call('GET', '/v1/events?type=message.delivered,message.bounced');
    expect(typesOf(asked.body.data)).toEqual(['message.delivered', 'message.bounced']);
    expect((await call('GET', '/v1/events?type=message.opened')).body.errors).toMatchObject([
      { parameter: 'type' },
    ]);
  });

  test.each(['x', 'e-', 'e-1-', 'e-1-2-3', 'E-1', 'e-zzzzzzzzzzz', `e-${'1'.repeat(300)}`, '%00', 'e-1%0a'])(
    'a cursor that was never given out is refused: %s',
    async (cursor) => {
      const { call } = world();
      const asked = await call('GET', `/v1/events?cursor=${cursor}`);
      expect([asked.status, asked.body.code]).toEqual([400, 'bad-cursor']);
    },
  );
});

type OpenStream = { readonly response: IncomingMessage; text(): string };

async function openStream(
  port: number,
  token: string,
  headers: Record<string, string> = {},
): Promise<OpenStream> {
  const asked = request({
    port,
    host: '127.0.0.1',
    path: '/v1/events/stream',
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  onTestFinished(() => void asked.destroy());
  asked.on('error', () => undefined);
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  response.on('error', () => undefined);
  return { response, text: () => text };
}

function idsIn(text: string): readonly string[] {
  return [...text.matchAll(/^id: (\S+)\nevent: /gm)].map((match) => match[1] ?? '');
}

describe('GET /v1/events/stream', () => {
  test('tells what happens, and goes on behind the last event that was received', async () => {
    const { store, app, key } = world(new SystemLikeClock());
    const server = await startHttpServer({ listen: { host: '127.0.0.1', port: 0 }, app, clock: systemClock });
    onTestFinished(() => server.close(0));
    const { token } = key();
    const first = await openStream(server.port, token);
    expect(first.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    openCampaign(store, recipients(5), { name: 'c-1' });
    await vi.waitFor(() => expect(idsIn(first.text())).toHaveLength(5));
    expect(first.text()).toContain('event: message.accepted\ndata: {"type":"message.accepted"');
    first.response.destroy();
    store.delivery.commit([final(1, 'delivered'), final(2, 'bounced')], [], []);
    const second = await openStream(server.port, token, { 'last-event-id': idsIn(first.text())[3] ?? '' });
    await vi.waitFor(() => expect(idsIn(second.text())).toHaveLength(3));
    expect(second.text()).toContain('event: message.bounced');
  });

  test('says that it is there while nothing happens', async () => {
    const { streams, store, clock } = world();
    const stream = streams.open({
      filter: { domains: null, types: null },
      after: store.events.head(),
      owner: 'k-1',
      cut: () => undefined,
    });
    const reader = stream?.getReader();
    const read = async (): Promise<string> => Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(await read()).toBe('retry: 2000\nid: e-0\n\n');
    const next = read();
    await settlePromises();
    await clock.advance(15_000);
    expect(await next).toBe('id: e-0\n\n');
  });

  test('a reader that takes nothing for a minute is cut off, and costs no more than a chunk until then', async () => {
    const { streams, store, clock } = world();
    openCampaign(store, recipients(1_000), { name: 'c-1' });
    const page = vi.spyOn(store.events, 'page');
    let cuts = 0;
    const stream = streams.open({
      filter: { domains: null, types: null },
      after: { seq: 0, within: null },
      owner: 'k-1',
      cut: () => (cuts += 1),
    });
    const reader = stream?.getReader();
    await reader?.read();
    await settlePromises();
    await clock.advance(59_000);
    expect([cuts, page.mock.calls.length]).toEqual([0, 1]);
    await clock.advance(2_000);
    expect(cuts).toBe(1);
    // Its place is free again.
    expect(clock.pendingTimers).toBe(0);
  });

  test('a key has ten at a time; all end with the process, and after half an hour', async () => {
    const { streams, store, clock } = world();
    const open = (owner: string): ReturnType<EventStreams['open']> =>
      streams.open({
        filter: { domains: null, types: null },
        after: store.events.head(),
        owner,
        cut: () => undefined,
      });
    const ten = Array.from({ length: 10 }, () => open('k-1'));
    expect(ten.every((stream) => stream !== null)).toBe(true);
    expect(open('k-1')).toBeNull();
    const other = open('k-2');
    expect(other).not.toBeNull();
    await ten[0]?.cancel();
    expect(open('k-1')).not.toBeNull();
    const old = other?.getReader();
    await old?.read();
    for (let minute = 0; minute < 130; minute += 1) {
      const read = old?.read();
      await settlePromises();
      await clock.advance(15_000);
      if ((await read)?.done === true) break;
      expect(minute).toBeLessThan(125);
    }
    streams.stop();
    expect(open('k-3')).toBeNull();
    expect(clock.pendingTimers).toBe(0);
  });
});

/** Time that passes, for what runs over sockets, in a world that is made with a fake one. */
class SystemLikeClock extends FakeClock {
  override now(): number {
    return systemClock.now();
  }
  override monotonic(): number {
    return systemClock.monotonic();
  }
  override after(delayMs: number, action: () => void): ReturnType<FakeClock['after']> {
    return systemClock.after(delayMs, action);
  }
}
