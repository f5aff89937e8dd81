import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { apiWorld, keptOutbox } from '../../test/support/http-api.ts';
import type { ApiWorld } from '../../test/support/http-api.ts';
import type { AcceptFailure, MailRecord, MailStore } from '../outbox/index.ts';
import { prepareTemplate } from '../templates/index.ts';
import type { NewTemplate } from '../templates/index.ts';
import { createTemplateTexts, messageRoutes } from './index.ts';

const anyText: unknown = expect.any(String);

const record: MailRecord = {
  id: 'm-1.1',
  mail: 'm-1',
  messageId: 1,
  via: 'http',
  owner: 'k-1',
  domain: 'example.jp',
  author: 'shop@example.jp',
  address: 'taro@example.com',
  subject: 's',
  state: 'waiting',
  waiting: null,
  sandbox: false,
  tags: [],
  metadata: {},
  createdMs: 0,
  notBeforeMs: 0,
  expiresMs: 1_000,
  body: null,
};

type World = ApiWorld & { readonly outbox: ReturnType<typeof keptOutbox>; readonly cancelled: string[] };

function world(options: { failure?: AcceptFailure; templates?: readonly NewTemplate[] } = {}): World {
  const outbox = keptOutbox(() => options.failure ?? null);
  const cancelled: string[] = [];
  const mails: MailStore = {
    find: (id) => (id === 'm-1' || id === 'm-1.1' ? [record] : []),
    list: (filter) => ({ messages: filter.domains === null ? [record] : [], next: null }),
    cancel: (id) => cancelled.push(id),
    body: () => null,
  };
  const templates = createTemplateTexts({
    find: (name) => {
      const found = options.templates?.find((each) => each.name === name);
      return found === undefined ? null : { ...found, createdMs: 1, updatedMs: 1, version: 1 };
    },
  });
  const made = apiWorld([
    (api) =>
      messageRoutes(api, {
        clock: standing,
        random: Math.random,
        outbox,
        mails,
        templates,
        expiryMs: 60_000,
        why: () => [{ message: '<m-1.1@example.jp>', state: 'waiting' }],
        senderOf(domain) {
          if (domain === 'new.example') return { name: domain, verified: false, sandbox: false };
          return /(^|\.)example\.(jp|org)$/.test(domain)
            ? { name: domain.split('.').slice(-2).join('.'), verified: true, sandbox: false }
            : null;
        },
      }),
  ]);
  return { ...made, outbox, cancelled };
}
const standing = { now: () => Date.UTC(2026, 0, 1), monotonic: () => 0, after: () => ({ cancel() {} }) };

const good = { from: '届く <shop@example.jp>', to: 'taro@example.com', subject: 'ご注文', text: 'どうも' };

describe('POST /v1/messages', () => {
  it('hands a whole mail to the outbox', async () => {
    const { call, outbox } = world();
    const { status, body, headers } = await call('POST', '/v1/messages', {
      body: {
        ...good,
        to: ['太郎 <taro@example.com>', 'jiro@example.com'],
        cc: 'taro@EXAMPLE.com',
        bcc: ['boss@example.net'],
        replyTo: 'help@example.jp',
        html: '<p>どうも</p>',
        headers: { 'X-Order': '4711' },
        attachments: [{ filename: '領収書.txt', content: Buffer.from('¥100').toString('base64') }],
        tags: ['order'],
        metadata: { order: '4711' },
        scheduledAt: '2026-01-01T10:00:00+09:00',
      },
    });
    expect(body).toMatchObject({
      repeated: false,
      messages: [{ to: 'taro@example.com', state: 'waiting' }, {}, {}],
    });
    expect(status).toBe(202);
    expect(headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=\d+$/);
    expect(headers.get('ratelimit-policy')).toBe('"default";q=1000000;w=60');
    const [mail] = outbox.mails;
    expect(mail).toMatchObject({
      via: 'http',
      domain: 'example.jp',
      author: 'shop@example.jp',
      subject: 'ご注文',
      stream: 'transactional',
      sandbox: false,
      notBeforeMs: Date.UTC(2026, 0, 1, 1),
      lifetimeMs: 60_000,
      tags: ['order'],
      metadata: { order: '4711' },
      idempotency: null,
    });
    expect(mail?.recipients.map(({ address }) => address)).toEqual([
      'taro@example.com',
      'jiro@example.com',
      'boss@example.net',
    ]);
    const bytes = mail!.bodies[0]!.bytes;
    expect(bytes.toString('latin1')).not.toMatch(/bcc|boss/i);
    const parsed = await simpleParser(bytes);
    expect(parsed.subject).toBe('ご注文');
    expect(parsed.messageId).toBe(`<${mail?.id}@example.jp>`);
    expect(parsed.headers.get('x-order')).toBe('4711');
    expect(parsed.attachments[0]?.content.toString()).toBe('¥100');
  });

  it.each([
    ['no recipient', { to: [] }, 'to'],
    ['a bad address', { to: ['a@example.com', 'b@@c'] }, 'to/1'],
    ['a bad single address', { to: 'nobody' }, 'to'],
    ['no subject', { subject: undefined }, 'subject'],
    ['no body', { text: undefined }, 'text'],
    ['a line break in the subject', { subject: 'a\r\nBcc: x@example.com' }, 'subject'],
    ['a line break in a header', { headers: { 'X-A': 'b\r\nBcc: x@example.com' } }, 'headers/X-A'],
    ['a header that is ours', { headers: { Bcc: 'x@example.com' } }, 'headers/Bcc'],
    ['a bad name of a header', { headers: { 'X A': 'b' } }, 'headers/X A'],
    ['an unknown field', { subjct: 'x' }, 'subjct'],
    ['a wrong type', { text: 5 }, 'text'],
    ['a wrong item', { to: ['a@example.com', 5] }, 'to/1'],
    ['no base64', { attachments: [{ filename: 'a', content: '%%%' }] }, 'attachments/0/content'],
    ['base64 cut off', { attachments: [{ filename: 'a', content: 'AAAAA' }] }, 'attachments/0/content'],
    ['an unknown template', { text: undefined, template: 'none' }, 'template'],
    ['a bad time', { scheduledAt: 'tomorrow' }, 'scheduledAt'],
    ['a time too far ahead', { scheduledAt: '2030-01-01T00:00:00Z' }, 'scheduledAt'],
    ['two senders', { from: 'a@example.jp, b@example.jp' }, 'from'],
  ])('names the field and the cure of %s', async (_, wrong, field) => {
    const { call, outbox, troubles } = world();
    for (const language of ['ja', 'en']) {
      const { status, headers, body } = await call('POST', '/v1/messages', {
        body: { ...good, ...wrong },
        headers: { 'accept-language': language },
      });
      expect(status).toBe(422);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(headers.get('content-language')).toBe(language);
      expect(body).toMatchObject({ type: '/docs#invalid-body', status: 422, code: 'invalid-body' });
      expect(body.errors[0]!.pointer).toBe(`#/${field}`);
      expect(body.cure.length + body.errors[0]!.detail.length).toBeGreaterThan(5);
      expect(/[ぁ-ん]/.test(body.title)).toBe(language === 'ja');
    }
    expect(outbox.mails).toEqual([]);
    expect(troubles).toEqual([]);
  });

  it('tells of a slip which field was meant', async () => {
    const { body } = await world().call('POST', '/v1/messages', {
      body: { ...good, replyto: 'a@example.jp' },
    });
    expect(body.errors[0]).toMatchObject({ pointer: '#/replyto', cure: 'did you mean “replyTo”?' });
  });

  it('renders stored templates with data of any shape', async () => {
    const template = await prepareTemplate({
      name: 'order',
      domain: null,
      subject: '{{ shop }}: {{ items.size }}',
      html: '{% for item in items %}<p>{{ item.name }}</p>{% endfor %}',
      mjml: null,
      text: null,
      defaults: {},
    });
    if ('field' in template) throw new Error('bad template');
    const { call, outbox } = world({ templates: [template] });
    const request = { from: good.from, to: good.to, template: 'order' };
    const data = { shop: '届く', items: [{ name: 'a<b' }] };
    expect((await call('POST', '/v1/messages', { body: { ...request, data } })).status).toBe(202);
    const parsed = await simpleParser(outbox.mails[0]!.bodies[0]!.bytes);
    expect(parsed.subject).toBe('届く: 1');
    expect(parsed.html).toContain('<p>a&lt;b</p>');
    const lacking = await call('POST', '/v1/messages', { body: { ...request, data: { items: [] } } });
    expect(lacking.body.errors[0]!.pointer).toBe('#/data/shop');
  });

  it('hands on the Idempotency-Key with a fingerprint of the body', async () => {
    const { call, outbox } = world();
    const headers = { 'idempotency-key': 'order-1' };
    await call('POST', '/v1/messages', { body: good, headers });
    await call('POST', '/v1/messages', { body: good, headers: { 'idempotency-key': '"order-1"' } });
    await call('POST', '/v1/messages', { body: { ...good, text: 'x' }, headers });
    const [first, second, third] = outbox.mails.map(({ idempotency }) => idempotency);
    expect(first).toEqual({ key: 'order-1', fingerprint: anyText });
    expect(second).toEqual(first);
    expect(third?.fingerprint).not.toBe(first?.fingerprint);
    const bad = await call('POST', '/v1/messages', { body: good, headers: { 'idempotency-key': 'a b' } });
    expect(bad.body.errors[0]!.header).toBe('Idempotency-Key');
  });

  it.each([
    ['disk-full', 507, '60'],
    ['stopping', 503, '5'],
    ['idempotency-conflict', 409, null],
  ] as const)('says %s', async (kind, status, retryAfter) => {
    const answer = await world({ failure: { kind } }).call('POST', '/v1/messages', { body: good });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('retry-after')).toBe(retryAfter);
  });
});

describe('who may', () => {
  it('asks for a key, and for nothing else of strangers', async () => {
    const { app, call } = world();
    const none = await app.request('/v1/messages', { method: 'POST', body: '{' });
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toBe('Bearer realm="todoku"');
    expect((await call('GET', '/v1/messages', { token: 'tdk_x' })).body.code).toBe('unauthorized');
  });

  it('keeps to scopes', async () => {
    const { call, key } = world();
    const { token } = key({ scopes: ['messages:read'] });
    const refused = await call('POST', '/v1/messages', { token, body: good });
    expect(refused.body).toMatchObject({ code: 'scope-missing', detail: 'it takes the scope messages:send' });
    expect((await call('GET', '/v1/messages', { token })).status).toBe(200);
  });

  it('keeps a key to its domains, for sending and for looking', async () => {
    const { call, key } = world();
    const { token } = key({ domains: ['example.org'] });
    expect((await call('POST', '/v1/messages', { token, body: good })).body.code).toBe('domain-not-allowed');
    // Nor does it learn which other domains there are.
    const unknown = { ...good, from: 'a@nowhere.test' };
    expect((await call('POST', '/v1/messages', { token, body: unknown })).body.code).toBe(
      'domain-not-allowed',
    );
    expect((await call('POST', '/v1/messages', { body: unknown })).body.code).toBe('sender-unknown');
    const ours = { ...good, from: 'a@mail.example.org' };
    expect((await call('POST', '/v1/messages', { token, body: ours })).status).toBe(202);
    for (const path of ['/v1/messages/m-1', '/v1/messages/m-1.1', '/v1/messages/m-1/why'])
      expect((await call('GET', path, { token })).status).toBe(404);
    expect((await call('POST', '/v1/messages/m-1/cancel', { token })).status).toBe(404);
    expect((await call('GET', '/v1/messages', { token })).body.data).toEqual([]);
    expect((await call('GET', '/v1/messages/m-1')).body.messages).toHaveLength(1);
  });

  it('sends for a domain of its own only once it is verified', async () => {
    const { call, key, outbox } = world();
    const body = { ...good, from: 'a@new.example' };
    expect((await call('POST', '/v1/messages', { body })).body.code).toBe('domain-not-verified');
    const { token } = key({ sandbox: true });
    expect((await call('POST', '/v1/messages', { token, body })).body.messages[0]!.state).toBe('captured');
    expect(outbox.mails[0]?.sandbox).toBe(true);
  });

  it('slows down who asks too often', async () => {
    const { call, key, clock } = world();
    const { token } = key({ requestsPerMinute: 2 });
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await call('GET', '/v1/messages', { token })).status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await call('GET', '/v1/messages', { token });
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(refused.headers.get('ratelimit')).toBe('"default";r=0;t=60');
    await clock.advance(30_000);
    expect((await call('GET', '/v1/messages', { token })).status).toBe(200);
  });
});

describe('POST /v1/messages/batch', () => {
  it('accepts all or none', async () => {
    const { call, outbox } = world();
    const messages = [good, { ...good, to: 'x' }, { ...good, subject: 'a\nb' }];
    const refused = await call('POST', '/v1/messages/batch', { body: { messages } });
    expect(refused.body.errors.map(({ pointer }) => pointer)).toEqual([
      '#/messages/1/to',
      '#/messages/2/subject',
    ]);
    expect(outbox.mails).toEqual([]);
    const body = { messages: [good, good] };
    const headers = { 'idempotency-key': 'b' };
    const accepted = await call('POST', '/v1/messages/batch', { body, headers });
    expect(accepted.status).toBe(202);
    expect(accepted.body.data).toHaveLength(2);
    expect(outbox.mails.map(({ idempotency }) => idempotency?.key)).toEqual(['b/0', 'b/1']);
  });

  it('takes 1,000 and no more', async () => {
    const { call } = world();
    const messages = Array.from({ length: 1_001 }, () => good);
    const refused = await call('POST', '/v1/messages/batch', { body: { messages } });
    expect(refused.body.errors[0]).toMatchObject({ pointer: '#/messages', detail: 'at most 1000 items' });
    const most = await call('POST', '/v1/messages/batch', { body: { messages: messages.slice(1) } });
    expect(most.body.data).toHaveLength(1_000);
  });
});

describe('what else is asked', () => {
  it('says what stands, what waits and why', async () => {
    const { call } = world();
    const { body } = await call('GET', '/v1/messages/m-1.1');
    expect(body.messages[0]).toMatchObject({
      id: 'm-1.1',
      because: 'queued',
      until: '1970-01-01T00:00:01.000Z',
    });
    expect((await call('GET', '/v1/messages/m-1/why')).body).toEqual({
      message: '<m-1.1@example.jp>',
      state: 'waiting',
      older: [],
    });
    expect((await call('GET', '/v1/messages/m-2')).status).toBe(404);
    expect((await call('POST', '/v1/messages/m-1/cancel')).body).toEqual({ id: 'm-1', cancelled: 1 });
  });

  it('names a bad parameter', async () => {
    const { call } = world();
    const answer = await call('GET', '/v1/messages?limit=0&colour=red');
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map(({ parameter }) => parameter)).toEqual(['limit', 'colour']);
  });

  it('answers what is no endpoint', async () => {
    const { call } = world();
    expect((await call('GET', '/v1/nothing')).body.code).toBe('not-found');
    const wrong = await call('DELETE', '/v1/messages');
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toContain('POST');
  });

  it.each([
    '/v1/messages/%E0%A4%A',
    '/v1/messages/%00',
    `/v1/messages/${'x'.repeat(10_000)}`,
    '/v1/messages/..%2f..%2fetc%2fpasswd',
    '/v1/messages//why',
    '/v1/messages/m-1/why/',
    '/v1/messages/__proto__',
  ])('takes a path such as %s for nothing of ours', async (path) => {
    const { call, troubles } = world();
    expect((await call('GET', path)).body.code).toBe('not-found');
    expect(troubles).toEqual([]);
  });

  it('reads bodies that nest without end, and none that unfold', async () => {
    const { call, troubles } = world();
    const depth = 200_000;
    const nested = `{"data":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect((await call('POST', '/v1/messages', { body: nested })).status).toBe(422);
    const headers = { 'content-encoding': 'gzip' };
    expect((await call('POST', '/v1/messages', { body: good, headers })).status).toBe(415);
    expect(troubles).toEqual([]);
  });

  it('reads JSON alone, and only so much', async () => {
    const { call, troubles } = world();
    const plain = { 'content-type': 'text/plain' };
    expect((await call('POST', '/v1/messages', { body: '{}', headers: plain })).status).toBe(415);
    expect((await call('POST', '/v1/messages', { body: '{' })).body.code).toBe('invalid-json');
    const large = await call('POST', '/v1/messages', { body: { ...good, text: 'x'.repeat(1_000_001) } });
    expect(large.status).toBe(413);
    expect(troubles).toEqual([]);
  });
});
