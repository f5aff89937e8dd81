import { createSecureContext } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { makeAuthority } from '../../test/support/authority.ts';
import type { Certificate } from '../../test/support/certificate.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { startPolicyHost } from '../../test/support/tls-receiver.ts';
import type { PolicyAnswer } from '../../test/support/tls-receiver.ts';
import { oneAddress } from '../../test/support/delivery-world.ts';
import { StorageFull, systemClock } from '../base/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import type { StoredSts, StsStore } from './ports.ts';
import { fetchStsPolicy } from './sts-fetch.ts';
import type { StsFetched, StsFetchOptions } from './sts-fetch.ts';
import { StsPolicies } from './sts-policies.ts';

const policy = (mode: string, maxAge = 604_800): string =>
  `version: STSv1\nmode: ${mode}\nmx: mx.test\nmax_age: ${maxAge}\n`;

/** A domain whose record and web server can be changed, and what is kept. */
function world(kept = new Map<string, StoredSts>()) {
  const clock = new FakeClock();
  const facts = { record: 'v=STSv1; id=1;' as string | null, body: policy('enforce') as string | StsFetched };
  let fetches = 0;
  const txt: Resolver['txt'] = () =>
    Promise.resolve(
      facts.record === null
        ? { kind: 'failed', cause: 'timeout', server: 'x' }
        : { kind: 'found', records: [facts.record], ttlSeconds: 60, authenticated: false },
    );
  const fetch = (): Promise<StsFetched> => {
    fetches += 1;
    return Promise.resolve(typeof facts.body === 'string' ? { ok: true, text: facts.body } : facts.body);
  };
  const store: StsStore = {
    load: (domain) => kept.get(domain) ?? null,
    save: (domain, each) => void kept.set(domain, each),
  };
  const policies = new StsPolicies({ resolver: { txt }, fetch, store, clock });
  return { clock, facts, kept, policies, store, find: () => policies.find('d.test'), fetches: () => fetches };
}
const down: StsFetched = { ok: false, cause: 'fetch-error', text: 'down' };
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

it('fetches a policy once while its id stays the same, for all who ask at a time', async () => {
  const { find, fetches } = world();
  const found = await Promise.all([find(), find()]);
  expect(found[0]).toMatchObject({ policy: { mode: 'enforce', mx: ['mx.test'] }, trouble: null });
  await find();
  expect(fetches()).toBe(1);
});

it('fetches again when the id changes, and daily', async () => {
  const { find, fetches, facts, clock } = world();
  await find();
  facts.record = 'v=STSv1; id=2;';
  facts.body = policy('testing');
  expect(await find()).toMatchObject({ policy: { mode: 'testing' } });
  await clock.advance(24 * hourMs);
  await find();
  expect(fetches()).toBe(3);
});

it('keeps to a policy over a restart, and when its record or its server is gone, until it ends', async () => {
  const first = world();
  await first.find();
  const { find, facts, clock } = world(first.kept);
  facts.record = null;
  facts.body = down;
  expect(await find()).toMatchObject({ policy: { mode: 'enforce' }, trouble: null });
  facts.record = 'v=STSv1; id=9;';
  const fetchError = { kind: 'sts-policy-fetch-error', text: 'down' };
  expect(await find()).toMatchObject({ policy: { mode: 'enforce' }, trouble: fetchError });
  await clock.advance(7 * 24 * hourMs);
  expect(await find()).toEqual({ policy: null, trouble: fetchError });
});

it('lets a failed fetch rest for five minutes, unless the policy changed', async () => {
  const { find, fetches, facts, clock } = world();
  facts.body = down;
  await find();
  await find();
  expect(fetches()).toBe(1);
  await clock.advance(5 * minuteMs);
  await find();
  facts.record = 'v=STSv1; id=2;';
  await find();
  expect(fetches()).toBe(3);
});

it.each([
  ['a policy that cannot be read', 'hello', 'sts-policy-invalid'],
  [
    'a server that cannot prove its name',
    { ...down, cause: 'webpki-invalid' } as const,
    'sts-webpki-invalid',
  ],
])('takes %s for none, and says so', async (_name, body, kind) => {
  const { find, facts } = world();
  facts.body = body;
  expect(await find()).toMatchObject({ policy: null, trouble: { kind } });
});

it('ends a policy by mode none', async () => {
  const { find, facts } = world();
  await find();
  facts.record = 'v=STSv1; id=2;';
  facts.body = policy('none');
  expect(await find()).toEqual({ policy: null, trouble: null });
});

it('goes by a policy that the full disk did not take', async () => {
  const { store, find } = world();
  store.save = () => {
    throw new StorageFull('full', {
      code: 'storage-full',
      message: { ja: '空きがありません', en: 'no room' },
    });
  };
  expect(await find()).toMatchObject({ policy: { mode: 'enforce' } });
});

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const authority = makeAuthority();
const named = authority.issue({ hosts: ['mta-sts.d.test'] });

async function fetchFrom(
  answer: PolicyAnswer,
  change: { readonly certificate?: Certificate; readonly options?: Partial<StsFetchOptions> } = {},
): Promise<[StsFetched, readonly string[]]> {
  const host = await startPolicyHost(change.certificate ?? named, answer);
  open.push(host);
  const resolver: Resolver = {
    ...oneAddress,
    a: () => Promise.resolve({ kind: 'found', records: ['127.0.0.1'], ttlSeconds: 60, authenticated: false }),
  };
  const context = createSecureContext({ ca: authority.certificate });
  const fetched = await fetchStsPolicy('d.test', {
    resolver,
    clock: systemClock,
    context,
    port: host.port,
    timeoutMs: 60_000,
    ...change.options,
  });
  return [fetched, host.asked];
}

it('gets the file by HTTPS', async () => {
  const [fetched, asked] = await fetchFrom({ body: policy('enforce'), type: 'text/plain; charset=utf-8' });
  expect(fetched).toEqual({ ok: true, text: policy('enforce') });
  expect(asked).toEqual(['mta-sts.d.test/.well-known/mta-sts.txt']);
});

it.each([
  [
    'a redirect',
    { status: 301, location: 'https://mta-sts.d.test/x', body: policy('enforce') },
    /status 301/,
  ],
  ['an error page', { status: 404, body: 'no' }, /status 404/],
  ['HTML', { type: 'text/html', body: policy('enforce') }, /text\/html/],
  ['too much', { body: `${policy('enforce')}${'x'.repeat(70_000)}` }, /larger than 65536/],
])('takes no policy out of %s', async (_name, answer, text) => {
  const [fetched, asked] = await fetchFrom(answer);
  expect(fetched).toMatchObject({ ok: false, cause: 'fetch-error' });
  expect(fetched.ok ? '' : fetched.text).toMatch(text);
  expect(asked.length).toBe(1);
});

const nameless = authority.issue({ hosts: [] });
it.each([
  ['self-signed', authority.selfSigned({ hosts: ['mta-sts.d.test'] })],
  ['expired', authority.issue({ hosts: ['mta-sts.d.test'], fromDays: -9, toDays: -1 })],
  ['for another name', authority.issue({ hosts: ['d.test'] })],
  ['without a name', nameless],
])('takes nothing from a server whose certificate is %s', async (_name, certificate) => {
  const [fetched, asked] = await fetchFrom({ body: policy('enforce') }, { certificate });
  expect(fetched).toMatchObject({ ok: false, cause: 'webpki-invalid' });
  expect(asked).toEqual([]);
});

it('says so where nobody listens or there is no address', async () => {
  const [refused] = await fetchFrom({ body: '' }, { options: { port: 9 } });
  expect(refused).toMatchObject({ ok: false, cause: 'fetch-error' });
  const nowhere: Resolver = {
    ...oneAddress,
    a: () => Promise.resolve({ kind: 'nxdomain', ttlSeconds: 60, authenticated: false }),
  };
  const [fetched] = await fetchFrom({ body: '' }, { options: { resolver: nowhere } });
  expect(fetched).toMatchObject({ ok: false, cause: 'fetch-error' });
});
