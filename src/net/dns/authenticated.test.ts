import type { Answer } from 'dns-packet';
import { afterEach, expect, it } from 'vitest';
import { a, cname, startDnsZone } from '../../../test/support/dns-zone.ts';
import type { ZoneAnswer } from '../../../test/support/dns-zone.ts';
import { systemClock } from '../../base/index.ts';
import type { Resolver } from './contract.ts';
import { hostAddresses } from './mail-hosts.ts';
import { createResolver } from './resolver.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function resolverOf(
  records: Readonly<Record<string, ZoneAnswer>>,
  trust: { readonly trustAd?: boolean } = { trustAd: true },
): Promise<Resolver> {
  const zone = await startDnsZone(records);
  const resolver = createResolver({
    servers: [zone.server],
    timeoutMs: 2_000,
    attempts: 1,
    clock: systemClock,
    ...trust,
  });
  open.push(zone, resolver);
  return resolver;
}

const tlsa = (name: string, usage: number, data: string): Answer => ({
  type: 'TLSA',
  name,
  ttl: 300,
  data: { usage, selector: 1, matchingType: 1, certificate: Buffer.from(data, 'hex') },
});
const digest = 'ab'.repeat(32);
const signed = { answers: [tlsa('_25._tcp.mx.test', 3, digest)], authenticated: true };

it('reads TLSA records', async () => {
  const resolver = await resolverOf({ 'TLSA _25._tcp.mx.test': signed });
  expect(await resolver.tlsa('_25._tcp.mx.test')).toEqual({
    kind: 'found',
    records: [{ usage: 3, selector: 1, matching: 1, data: Buffer.from(digest, 'hex') }],
    ttlSeconds: 300,
    authenticated: true,
  });
});

it.each([{}, { trustAd: false }])(
  'believes no AD bit of a server that nobody vouches for: %j',
  async (trust) => {
    const resolver = await resolverOf({ 'TLSA _25._tcp.mx.test': signed }, trust);
    expect(await resolver.tlsa('_25._tcp.mx.test')).toMatchObject({ kind: 'found', authenticated: false });
    expect(await resolver.tlsa('_25._tcp.none.test')).toMatchObject({ authenticated: false });
  },
);

it('says where the aliases end, within one answer and over several', async () => {
  const resolver = await resolverOf({
    'A one.test': {
      answers: [cname('one.test', 'End.test'), a('end.test', '127.0.0.2')],
      authenticated: true,
    },
    'A two.test': { answers: [cname('two.test', 'one.test')], authenticated: true },
    'A plain.test': { answers: [a('plain.test', '127.0.0.3')], authenticated: true },
  });
  expect(await resolver.a('one.test')).toMatchObject({ canonicalName: 'end.test', authenticated: true });
  expect(await resolver.a('two.test')).toMatchObject({ canonicalName: 'end.test', authenticated: true });
  expect(await resolver.a('plain.test')).not.toHaveProperty('canonicalName');
});

it('calls a chain authenticated only when each link of it is', async () => {
  const resolver = await resolverOf({
    'A alias.test': { answers: [cname('alias.test', 'end.test')], authenticated: true },
    'A end.test': { answers: [a('end.test', '127.0.0.2')] },
  });
  expect(await resolver.a('alias.test')).toMatchObject({ kind: 'found', authenticated: false });
});

it('gives an alias itself when asked for it', async () => {
  const resolver = await resolverOf({
    'CNAME alias.test': { answers: [cname('alias.test', 'End.test')], authenticated: true },
  });
  expect(await resolver.cname('alias.test')).toMatchObject({ records: ['end.test'], authenticated: true });
});

it('counts addresses as signed when those of both families are', async () => {
  const aaaa = { answers: [{ type: 'AAAA', name: 'mx.test', ttl: 60, data: '::1' }] } satisfies ZoneAnswer;
  const both = await resolverOf({
    'A mx.test': { answers: [a('mx.test', '127.0.0.2')], authenticated: true },
    'AAAA mx.test': { ...aaaa, authenticated: true },
  });
  expect(await hostAddresses(both, 'mx.test')).toMatchObject({ authenticated: true });
  const half = await resolverOf({
    'A mx.test': { answers: [a('mx.test', '127.0.0.2')], authenticated: true },
    'AAAA mx.test': aaaa,
  });
  expect(await hostAddresses(half, 'mx.test')).toMatchObject({ authenticated: false });
});
