import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { apiWorld } from '../../test/support/http-api.ts';
import type { ApiAnswer, ApiWorld } from '../../test/support/http-api.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { loadConfig } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import type { Reaction } from '../delivery/index.ts';
import type { DnsAnswer, MxRecord } from '../net/dns/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { openStore } from '../storage/sqlite/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { senders } from './http-door.ts';
import { storeGroups } from './http-groups.ts';
import { createReturnedMail } from './returned-mail.ts';
import { liveConfig } from './live-config.ts';

type World = ApiWorld & {
  readonly store: Store;
  readonly folder: string;
  readonly config: Config;
  readonly dns: Map<string, readonly string[]>;
  readonly opened: number[];
  readonly held: Reaction[];
};

function configOf(folder: string): Config {
  const text = `delivery:\n  hostname: mail.example.net\nsources:\n  - { ip: 192.0.2.1, hostname: mail.example.net }\n  - { ip: "2001:db8::1", hostname: mail.example.net }\ndomains:\n  - { name: example.jp }\n  - { name: example.org }\n`;
  const file = join(folder, 'todoku.yaml');
  writeFileSync(file, text);
  return loadConfig({ file, explicit: true, environment: {}, hostname: 'h.test' });
}

function world(): World {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const store = openStore({ folder: join(folder, 'data'), clock, create: true });
  onTestFinished(() => store.close());
  const config = liveConfig(configOf(folder), store.domains);
  const dns = new Map<string, readonly string[]>();
  const opened: number[] = [];
  const held: Reaction[] = [];
  const answerOf = <T>(name: string, read: (text: string) => T): DnsAnswer<T> => {
    const found = dns.get(name);
    if (found === undefined) return { kind: 'nxdomain', ttlSeconds: 0, authenticated: false };
    if (found.length === 0) return { kind: 'failed', cause: 'timeout', server: '' };
    return { kind: 'found', records: found.map(read), ttlSeconds: 0, authenticated: false };
  };
  const groups = storeGroups({
    config,
    store,
    clock,
    random: Math.random,
    senderOf: senders({ config, store }),
    resolver: {
      txt: async (name) => answerOf(name, (text) => text),
      mx: async (name): Promise<DnsAnswer<MxRecord>> =>
        answerOf(name, (text) => ({ preference: 10, exchange: text.split(' ')[1] ?? '' })),
    },
    delivery: {
      opened: (ids) => void opened.push(...ids),
      hold(reaction) {
        held.push(reaction);
        return true;
      },
      lift: () => 0,
    },
  });
  const api = apiWorld(groups, {}, clock);
  return { ...api, store, folder, config, dns, opened, held };
}

const data = (answer: ApiAnswer): unknown[] =>
  answer.body.data.map(({ name, address, id }) => name ?? address ?? id);

describe('/v1/templates', () => {
  it('stores what compiles, replaces and removes it', async () => {
    const { call } = world();
    const template = { name: 'order', subject: 'No. {{ number }}', html: '<p>{{ name }}</p>' };
    const made = await call('POST', '/v1/templates', { body: template });
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'order', version: 1, variables: ['name', 'number'] },
    });
    expect((await call('POST', '/v1/templates', { body: template })).status).toBe(409);
    const bad = await call('PUT', '/v1/templates/order', { body: { subject: 's', html: '{{ a' } });
    expect(bad).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/html' }] } });
    const mjml =
      '<mjml><mj-body><mj-section><mj-column><mj-text>{{ name }}</mj-text></mj-column></mj-section></mj-body></mjml>';
    const replaced = await call('PUT', '/v1/templates/order', { body: { subject: 's', mjml } });
    expect(replaced.body).toMatchObject({ version: 2, mjml, variables: ['name'] });
    expect(String(replaced.body['html'])).toContain('<table');
    expect(data(await call('GET', '/v1/templates'))).toEqual(['order']);
    expect((await call('DELETE', '/v1/templates/order')).status).toBe(204);
    expect((await call('GET', '/v1/templates/order')).status).toBe(404);
    expect((await call('POST', '/v1/templates', { body: { ...template, name: '../x' } })).status).toBe(422);
  });

  it('pages by name', async () => {
    const { call } = world();
    for (const name of ['c', 'a', 'b'])
      await call('POST', '/v1/templates', { body: { name, subject: 's', text: 't' } });
    const first = await call('GET', '/v1/templates?limit=2');
    expect(data(first)).toEqual(['a', 'b']);
    const second = await call('GET', `/v1/templates?limit=2&cursor=${String(first.body['next'])}`);
    expect([data(second), second.body['next']]).toEqual([['c'], null]);
    expect((await call('GET', '/v1/templates?cursor=nonsense')).body.code).toBe('bad-cursor');
  });

  it('belongs to its domain', async () => {
    const { call, key } = world();
    const ours = key({ domains: ['example.jp'] }).token;
    const theirs = key({ domains: ['example.org'] }).token;
    const body = { name: 'a', subject: 's', text: 't' };
    expect((await call('POST', '/v1/templates', { token: ours, body })).body.code).toBe('all-domains-needed');
    const owned = { ...body, domain: 'example.jp' };
    expect((await call('POST', '/v1/templates', { token: theirs, body: owned })).body.code).toBe(
      'domain-not-allowed',
    );
    expect((await call('POST', '/v1/templates', { token: ours, body: owned })).status).toBe(201);
    expect((await call('GET', '/v1/templates/a', { token: theirs })).status).toBe(404);
    expect(data(await call('GET', '/v1/templates', { token: theirs }))).toEqual([]);
    expect((await call('DELETE', '/v1/templates/a', { token: theirs })).status).toBe(404);
    await call('POST', '/v1/templates', { body: { ...body, name: 'shared' } });
    expect(data(await call('GET', '/v1/templates', { token: theirs }))).toEqual(['shared']);
    expect((await call('DELETE', '/v1/templates/shared', { token: theirs })).body.code).toBe(
      'all-domains-needed',
    );
  });
});

describe('/v1/domains', () => {
  it('makes keys for the owner alone, and sends once their records are seen', async () => {
    const { call, config, dns, folder, store } = world();
    const made = await call('POST', '/v1/domains', { body: { name: 'Shop.例え.jp' } });
    expect(made.status).toBe(201);
    const name = 'shop.xn--r8jz45g.jp';
    expect(made.body).toMatchObject({ name, returnPath: `bounce.${name}`, origin: 'api', verified: false });
    const records = made.body['records'] as { name: string; value: string; purpose: string; state: string }[];
    expect(records.map(({ purpose }) => purpose)).toEqual(['dkim', 'dkim', 'spf', 'return-path', 'dmarc']);
    expect(records.find(({ purpose }) => purpose === 'spf')).toMatchObject({
      name: `bounce.${name}`,
      value: 'v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all',
    });
    const keys = join(folder, 'data/domain-keys', name);
    for (const file of readdirSync(keys)) expect(statSync(join(keys, file)).mode & 0o777).toBe(0o600);
    expect(config.domains.map((domain) => domain.name)).toContain(name);
    expect(senders({ config, store })(name)).toMatchObject({ name, verified: false });

    for (const record of records.slice(0, 2)) dns.set(record.name, [record.value.replace('; ', ';  ')]);
    dns.set(`bounce.${name}`, ['10 mail.example.net']);
    dns.set(`_dmarc.${name}`, ['v=DMARC1; p=reject', 'v=DMARC1; p=none']);
    const verified = await call('POST', `/v1/domains/${name}/verify`);
    const states = (verified.body['records'] as typeof records).map(({ state }) => state);
    expect(states).toEqual(['found', 'found', 'missing', 'found', 'different']);
    expect(verified.body['verified']).toBe(true);
    expect(senders({ config, store })(`mail.${name}`)).toMatchObject({ name, verified: true });

    // A DNS that does not answer takes nothing back; another key in its place does.
    for (const record of records.slice(0, 2)) dns.set(record.name, []);
    expect((await call('POST', `/v1/domains/${name}/verify`)).body['verified']).toBe(true);
    for (const record of records.slice(0, 2)) dns.set(record.name, ['v=DKIM1; p=AAAA']);
    expect((await call('POST', `/v1/domains/${name}/verify`)).body['verified']).toBe(false);

    expect((await call('DELETE', `/v1/domains/${name}`)).status).toBe(204);
    expect(config.domains.map((domain) => domain.name)).not.toContain(name);
  });

  it('stays while mail of it waits, and takes its bounces as long', async () => {
    const { call, store, config, dns } = world();
    const made = await call('POST', '/v1/domains', { body: { name: 'new.test' } });
    const { destination } = createReturnedMail({
      config,
      store,
      knowledge: loadKnowledge(defaultKnowledgeFolder(), []),
      clock: new FakeClock(),
      onFull: () => undefined,
    });
    expect(destination('postmaster@bounce.new.test')).toMatchObject({ kind: 'role' });
    for (const record of made.body['records'] as { name: string; value: string }[])
      dns.set(record.name, [record.value]);
    await call('POST', '/v1/domains/new.test/verify');
    const campaign = { from: 'a@mail.new.test', subject: 's', text: 't' };
    const recipients = [{ email: 'taro@example.com' }];
    const { body } = await call('POST', '/v1/campaigns', { body: { ...campaign, recipients } });
    expect((await call('DELETE', '/v1/domains/new.test')).body.code).toBe('conflict');
    await call('POST', `/v1/campaigns/${String(body['id'])}/cancel`);
    expect((await call('DELETE', '/v1/domains/new.test')).status).toBe(204);
    expect(destination('postmaster@bounce.new.test')).toMatchObject({ kind: 'unknown' });
  });

  it.each(['localhost', 'a@b.jp', '../../etc', 'a b.jp', '-a.jp', '192.0.2.1', ''])(
    'refuses the name %j and writes nothing',
    async (name) => {
      const { call, folder } = world();
      expect((await call('POST', '/v1/domains', { body: { name } })).status).toBe(422);
      expect(existsSync(join(folder, 'data/domain-keys'))).toBe(false);
    },
  );

  it('keeps others’ domains, return paths and the configuration as they are', async () => {
    const { call, key } = world();
    expect((await call('POST', '/v1/domains', { body: { name: 'example.jp' } })).status).toBe(409);
    const elsewhere = { name: 'new.test', returnPath: 'example.org' };
    expect((await call('POST', '/v1/domains', { body: elsewhere })).body.errors[0]?.pointer).toBe(
      '#/returnPath',
    );
    expect((await call('DELETE', '/v1/domains/example.jp')).status).toBe(409);
    const { token } = key({ domains: ['example.org'] });
    expect(data(await call('GET', '/v1/domains', { token }))).toEqual(['example.org']);
    expect((await call('GET', '/v1/domains/example.jp', { token })).status).toBe(404);
    expect((await call('POST', '/v1/domains', { token, body: { name: 'new.test' } })).status).toBe(403);
  });
});

describe('/v1/suppressions', () => {
  it('adds, shows and lifts with a reason', async () => {
    const { call, key, store } = world();
    const made = await call('POST', '/v1/suppressions', {
      body: { address: 'Taro@EXAMPLE.com', note: '電話' },
    });
    expect(made).toMatchObject({ status: 201, body: { address: 'Taro@example.com', added: true } });
    expect((await call('POST', '/v1/suppressions', { body: { address: 'x' } })).status).toBe(422);
    const { token } = key({ domains: ['example.jp'] });
    expect((await call('GET', '/v1/suppressions', { token })).body.code).toBe('all-domains-needed');
    const seen = await call('GET', '/v1/suppressions/taro%40example.com', { token });
    expect(seen.body.data).toMatchObject([{ reason: 'manual', note: '電話', scope: 'address' }]);
    expect((await call('DELETE', '/v1/suppressions/taro@example.com?because=x', { token })).status).toBe(403);
    expect((await call('DELETE', '/v1/suppressions/taro@example.com')).body.errors[0]?.parameter).toBe(
      'because',
    );
    expect(data(await call('GET', '/v1/suppressions'))).toEqual(['Taro@example.com']);
    const lifted = await call('DELETE', '/v1/suppressions/taro@example.com?because=ticket%2012');
    expect(lifted.body['lifted']).toBe(1);
    expect(store.suppressions.removals('taro@example.com')).toMatchObject([{ because: 'ticket 12' }]);
    expect((await call('DELETE', '/v1/suppressions/taro@example.com?because=again')).status).toBe(404);
  });
});

describe('/v1/campaigns', () => {
  const content = { from: 'news@example.jp', subject: '{{ name }} 様', text: 'こんにちは {{ name }}' };
  const recipients = [
    { email: 'taro@example.com', name: '太郎' },
    { email: 'jiro@example.com', name: '次郎' },
    { email: 'TARO@example.com', name: 'x' },
  ];

  it('is stored with its recipients, waits, starts, pauses and is cancelled', async () => {
    const { call, opened, held, store } = world();
    const made = await call('POST', '/v1/campaigns', { body: { ...content, recipients } });
    expect(made).toMatchObject({
      status: 201,
      body: { state: 'paused', progress: { accepted: 2, waiting: 2 } },
    });
    expect([opened.length, held.length]).toEqual([1, 1]);
    const id = String(made.body['id']);
    expect((await call('POST', `/v1/campaigns/${id}/start`)).body['state']).toBe('running');
    expect((await call('POST', `/v1/campaigns/${id}/pause`)).body['state']).toBe('paused');
    expect((await call('POST', `/v1/campaigns/${id}/resume`)).body['state']).toBe('running');
    const cancelled = await call('POST', `/v1/campaigns/${id}/cancel`);
    expect(cancelled.body).toMatchObject({ state: 'cancelled', progress: { cancelled: 2, waiting: 0 } });
    expect((await call('POST', `/v1/campaigns/${id}/start`)).status).toBe(409);
    expect(store.reports.ledger().ok).toBe(true);
  });

  it('takes its recipients as a CSV', async () => {
    const { call, app, key, folder } = world();
    const draft = await call('POST', '/v1/campaigns', { body: content });
    const id = String(draft.body['id']);
    expect(draft.body['state']).toBe('draft');
    expect((await call('POST', `/v1/campaigns/${id}/start`)).body.code).toBe('conflict');
    const csv = 'email,name\r\ntaro@example.com,太郎\r\nbroken,x\r\ntaro@example.com,again\r\n';
    const upload = async (body: string, type = 'text/csv'): Promise<Response> =>
      await app.request(`/v1/campaigns/${id}/recipients?start=true`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${key().token}`, 'content-type': type, 'accept-language': 'ja' },
        body,
      });
    expect((await upload(csv, 'application/json')).status).toBe(415);
    const lacking = await upload('email\r\ntaro@example.com\r\n');
    expect(lacking.status).toBe(422);
    expect(await lacking.text()).not.toContain(folder);
    expect(await (await upload('name\r\nx\r\n')).text()).not.toContain(folder);
    const taken = await upload(csv);
    expect(await taken.json()).toMatchObject({
      id,
      state: 'running',
      accepted: 1,
      rejected: 1,
      duplicates: 1,
    });
    expect((await upload(csv)).status).toBe(409);
    expect(readdirSync(join(folder, 'data/uploads'))).toEqual([]);
    const shown = await call('GET', `/v1/campaigns/${id}`);
    expect(shown.body).toMatchObject({ state: 'running', progress: { accepted: 1, waiting: 1 } });
    expect(data(await call('GET', '/v1/campaigns'))).toEqual([id]);
  });

  it.each([
    ['a template that does not compile', { subject: '{{ a' }, undefined],
    ['a variable that a recipient lacks', { text: '{{ surname }}' }, undefined],
    ['a bad address', { recipients: [{ email: 'x' }] }, '#/recipients/0/email'],
    ['no subject', { subject: undefined }, '#/subject'],
    ['no such time zone', { timezone: 'Mars/Olympus' }, '#/timezone'],
    ['a window that is none', { window: '25:00-26:00' }, '#/window'],
    ['a start without recipients', { recipients: undefined, start: true }, '#/start'],
  ])('refuses %s and stores nothing', async (_, wrong, pointer) => {
    const { call, store, troubles } = world();
    const refused = await call('POST', '/v1/campaigns', { body: { ...content, recipients, ...wrong } });
    expect(refused.status).toBe(422);
    expect(refused.body.errors?.[0]?.pointer).toBe(pointer);
    expect(store.reports.ledger().campaigns).toEqual([]);
    expect([store.drafts.list(), troubles]).toEqual([[], []]);
  });

  it('keeps to the domains of a key', async () => {
    const { call, key } = world();
    const made = await call('POST', '/v1/campaigns', { body: { ...content, recipients } });
    const { token } = key({ domains: ['example.org'] });
    const id = String(made.body['id']);
    expect((await call('POST', '/v1/campaigns', { token, body: { ...content, recipients } })).status).toBe(
      403,
    );
    for (const [method, path] of [
      ['GET', id],
      ['POST', `${id}/start`],
      ['POST', `${id}/cancel`],
    ] as const)
      expect((await call(method, `/v1/campaigns/${path}`, { token })).status).toBe(404);
    expect(data(await call('GET', '/v1/campaigns', { token }))).toEqual([]);
  });

  it('stays paused over a restart', async () => {
    const { call, store, clock } = world();
    await call('POST', '/v1/campaigns', { body: { ...content, recipients } });
    expect(store.reactions.inForce(clock.now())).toMatchObject([
      { do: 'hold-campaign', rule: 'local:paused' },
    ]);
  });
});

// A push runs the short form; FUZZ_RUNS=20000 the long one.
const runs = Number(process.env['FUZZ_RUNS'] ?? 400);

test('no body and no path makes a fault', async () => {
  const { call, troubles } = world();
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      'a',
      'example.jp',
      '{{ a',
      '{{ a }}',
      '{% for',
      'a@example.jp',
      '2026-01-01T00:00:00Z',
      '\r\n',
      '__proto__',
      '\0',
      '<mjml>',
      'x'.repeat(5_000),
    ),
  );
  const value = fc.oneof(
    text,
    fc.jsonValue({ maxDepth: 2 }),
    fc.dictionary(text, text, { maxKeys: 3 }),
    fc.array(fc.dictionary(fc.constantFrom('email', 'name'), text), { maxLength: 3 }),
  );
  const fields = [
    'name',
    'subject',
    'html',
    'mjml',
    'text',
    'defaults',
    'domain',
    'from',
    'replyTo',
    'template',
    'recipients',
    'window',
    'timezone',
    'list',
    'start',
    'address',
    'scope',
    'reason',
    'note',
    'until',
    'returnPath',
  ];
  const bodies = fc.dictionary(fc.constantFrom(...fields), value, { minKeys: 1, maxKeys: 6 });
  const paths = fc.constantFrom('templates', 'suppressions', 'campaigns', 'domains');
  await fc.assert(
    fc.asyncProperty(paths, text, bodies, async (path, name, body) => {
      // Making keys takes a tenth of a second: names of domains are those that are refused.
      const sent =
        path === 'domains'
          ? { ...body, name: '..' }
          : path === 'templates'
            ? { name: 'a', ...body }
            : path === 'campaigns'
              ? { from: 'a@example.jp', ...body }
              : body;
      await call('POST', `/v1/${path}`, { body: sent });
      await call('PUT', '/v1/templates/a', { body });
      for (const method of ['GET', 'DELETE', 'PUT'])
        await call(
          method,
          `/v1/${path}/${encodeURIComponent(name.toWellFormed())}?limit=${encodeURIComponent(name.toWellFormed())}`,
        );
      await call('GET', `/v1/${path}?cursor=${encodeURIComponent(name.toWellFormed())}`);
      expect(troubles).toEqual([]);
    }),
    { numRuns: runs },
  );
}, 3_600_000);
