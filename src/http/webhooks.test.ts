import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { closedAfter } from '../../test/contract/contract-store.ts';
import { final, recipients } from '../../test/contract/samples.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { apiWorld } from '../../test/support/http-api.ts';
import type { ApiAnswer, ApiWorld } from '../../test/support/http-api.ts';
import { openCampaign } from '../../test/support/memory-store.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { openStore } from '../storage/sqlite/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { createAddressGuard } from '../webhooks/index.ts';
import type { Post } from '../webhooks/index.ts';
import { webhookRoutes } from './index.ts';

type World = ApiWorld & { readonly store: Store; readonly posts: Post[] };

function world(): World {
  const clock = new FakeClock();
  const store = closedAfter(openStore({ folder: temporaryFolder(), clock, create: true }));
  const posts: Post[] = [];
  const parts = {
    store: store.webhooks,
    events: store.events,
    guard: createAddressGuard(['10.1.0.0/16']),
    clock,
    random: Math.random,
    randomBytes,
    async post(request: Post) {
      posts.push(request);
      return { ok: false, status: 500, said: 'HTTP 500: oh', askedWaitMs: null };
    },
  };
  const api = apiWorld([(each) => webhookRoutes(each, parts)], {}, clock);
  onTestFinished(() => expect(api.troubles).toEqual([]));
  return { ...api, store, posts };
}

const url = 'https://app.example/todoku';

async function made(
  { call }: World,
  body: object = {},
  token?: string,
): Promise<ApiAnswer & { readonly id: string }> {
  const answer = await call('POST', '/v1/webhooks', {
    body: { url, ...body },
    ...(token === undefined ? {} : { token }),
  });
  return { ...answer, id: String(answer.body['id']) };
}

describe('webhooks by the API', () => {
  test('the secret is shown when it is made, and not again', async () => {
    const shop = world();
    const { id, status, body } = await made(shop, { types: ['message.bounced'], description: 'app' });
    expect([status, body]).toMatchObject([
      201,
      { url, state: 'active', types: ['message.bounced'], domains: null, waiting: 0, dead: 0, because: null },
    ]);
    expect(body['secret']).toMatch(/^whsec_[\w+/]{43}=$/);
    for (const path of ['/v1/webhooks', `/v1/webhooks/${id}`]) {
      const shown = await shop.call('GET', path);
      expect(shown.status).toBe(200);
      expect(JSON.stringify(shown.body)).not.toContain('whsec_');
    }
  });

  test.each([
    [{ url: 'http://app.example/' }, 201],
    [{ url: 'https://127.0.0.1/' }, 'url'],
    [{ url: 'https://169.254.169.254/latest' }, 'url'],
    [{ url: 'https://[::ffff:10.0.0.1]/' }, 'url'],
    [{ url: 'http://10.1.2.3/' }, 201],
    [{ url: 'http://10.2.2.3/' }, 'url'],
    [{ url: 'http://1.1.1.1/' }, 'url'],
    [{ url: 'https://a:b@app.example/' }, 'url'],
    [{ url: 'file:///etc/passwd' }, 'url'],
    [{ url: 'javascript:alert(1)' }, 'url'],
    [{ url: '' }, 'url'],
    [{ types: ['message.opened'] }, 'types'],
    [{ types: [] }, 'types'],
    [{ secret: 'whsec_AAAA' }, 'secret'],
    [{ secret: 'hunter2' }, 'secret'],
    [{ secret: `whsec_${Buffer.alloc(24, 5).toString('base64')}` }, 201],
  ] as const)('%j → %s', async (body, wanted) => {
    const { status, body: told } = await made(world(), body);
    if (wanted === 201) expect(status).toBe(201);
    else expect([status, told.errors]).toMatchObject([422, [{ pointer: `#/${wanted}` }]]);
  });

  test('a key that is bound to domains makes, sees and touches webhooks of these alone', async () => {
    const shop = world();
    const { token } = shop.key({ domains: ['one.example', 'two.example'] });
    const all = await made(shop);
    const own = await made(shop, {}, token);
    expect(own.body['domains']).toEqual(['one.example', 'two.example']);
    expect((await made(shop, { domains: ['three.example'] }, token)).body.code).toBe('domain-not-allowed');
    const other = shop.key({ domains: ['one.example'] });
    for (const id of [all.id, own.id]) {
      const paths = [
        ['GET', ''],
        ['DELETE', ''],
        ['PUT', '', {}],
        ['GET', '/dead'],
        ['POST', '/test'],
        ['POST', '/rotate', {}],
        ['POST', '/replay', {}],
        ['POST', '/resume'],
      ] as const;
      for (const [method, path, body] of paths) {
        const answer = await shop.call(method, `/v1/webhooks/${id}${path}`, { token: other.token, body });
        expect([method, path, answer.body.code]).toEqual([method, path, 'not-found']);
      }
    }
    expect((await shop.call('GET', '/v1/webhooks', { token: other.token })).body.data).toEqual([]);
    expect((await shop.call('GET', '/v1/webhooks', { token })).body.data).toHaveLength(1);
    const widened = await shop.call('PUT', `/v1/webhooks/${own.id}`, { token, body: { domains: null } });
    expect(widened.body['domains']).toEqual(['one.example', 'two.example']);
    const reader = shop.key({ scopes: ['events', 'messages:read'] });
    expect((await shop.call('GET', '/v1/webhooks', { token: reader.token })).body.code).toBe('scope-missing');
    expect(shop.posts).toEqual([]);
  });

  test('a secret is rotated, and the old one signs for as long as was asked', async () => {
    const shop = world();
    const { id, body } = await made(shop);
    const rotated = await shop.call('POST', `/v1/webhooks/${id}/rotate`, { body: { overlapSeconds: 60 } });
    expect(rotated.body['secret']).not.toBe(body['secret']);
    expect(rotated.body['secretsUntil']).toHaveLength(2);
    await shop.call('POST', `/v1/webhooks/${id}/test`);
    await shop.clock.advance(61_000);
    await shop.call('POST', `/v1/webhooks/${id}/test`);
    expect(shop.posts.map(({ headers }) => headers['webhook-signature']?.split(' ').length)).toEqual([2, 1]);
    expect((await shop.call('GET', `/v1/webhooks/${id}`)).body['secretsUntil']).toEqual([null]);
    const bad = await shop.call('POST', `/v1/webhooks/${id}/rotate`, { body: { secret: 'short' } });
    expect(bad.body.errors).toMatchObject([{ pointer: '#/secret' }]);
  });

  test('a test shows what the endpoint answered', async () => {
    const shop = world();
    const { id } = await made(shop);
    const tried = await shop.call('POST', `/v1/webhooks/${id}/test`);
    expect([tried.status, tried.body]).toEqual([200, { ok: false, status: 500, said: 'HTTP 500: oh' }]);
  });

  test('what was given up is listed and sent again; a time goes back to it', async () => {
    const shop = world();
    openCampaign(shop.store, recipients(2), { name: 'c-1' });
    shop.store.delivery.commit([final(1, 'delivered')], [], []);
    const { id } = await made(shop, { since: '2020-01-01T00:00:00Z' });
    const to = shop.store.events.head();
    const failed = { messageId: 1, attempts: 17, firstMs: 1, dueMs: 2, said: 'HTTP 500' };
    const deliveries = [{ ...failed, position: { seq: 2, within: null } }];
    const from = shop.store.webhooks.find(id)?.position ?? to;
    shop.store.webhooks.progress([
      { webhook: id, taken: { from, to, deliveries }, done: [], later: [], dead: deliveries, pause: null },
    ]);
    const dead = await shop.call('GET', `/v1/webhooks/${id}/dead`);
    expect(dead.body.data).toMatchObject([{ event: 'e-2', attempts: 17, said: 'HTTP 500' }]);
    expect((await shop.call('GET', `/v1/webhooks/${id}`)).body['dead']).toBe(1);
    const revived = await shop.call('POST', `/v1/webhooks/${id}/replay`, { body: {} });
    expect(revived.body['revived']).toBe(1);
    expect((await shop.call('GET', `/v1/webhooks/${id}`)).body).toMatchObject({ dead: 0, waiting: 1 });
    const back = await shop.call('POST', `/v1/webhooks/${id}/replay`, {
      body: { since: '2020-01-01T00:00:00Z' },
    });
    expect(back.body['position']).toBe('e-0');
  });

  test('it is changed field by field, and removed', async () => {
    const shop = world();
    const { id } = await made(shop, { description: 'old', domains: ['One.Example'] });
    const changed = await shop.call('PUT', `/v1/webhooks/${id}`, { body: { types: ['message.bounced'] } });
    expect(changed.body).toMatchObject({
      description: 'old',
      types: ['message.bounced'],
      domains: ['one.example'],
    });
    expect(
      (await shop.call('PUT', `/v1/webhooks/${id}`, { body: { url: 'https://10.2.0.1/' } })).status,
    ).toBe(422);
    expect((await shop.call('DELETE', `/v1/webhooks/${id}`)).status).toBe(204);
    expect((await shop.call('GET', `/v1/webhooks/${id}`)).status).toBe(404);
  });

  test('there are no more than a hundred', async () => {
    const shop = world();
    for (let count = 0; count < 100; count += 1) expect((await made(shop)).status).toBe(201);
    expect((await made(shop)).body.code).toBe('conflict');
  });
});
