import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { a, aaaa, cname, mx, startDnsZone } from '../../../test/support/dns-zone.ts';
import type { DnsZone } from '../../../test/support/dns-zone.ts';
import { systemClock } from '../../base/index.ts';
import type { Resolver } from './contract.ts';
import { hostAddresses, mailHosts } from './mail-hosts.ts';
import { createResolver } from './resolver.ts';

let zone: DnsZone;
let resolver: Resolver;
beforeAll(async () => {
  zone = await startDnsZone({
    'MX many.test': {
      answers: [
        mx('many.test', 20, 'c.many.test'),
        mx('many.test', 10, 'b.many.test'),
        mx('many.test', 10, 'a.many.test'),
        mx('many.test', 30, 'a.many.test'),
      ],
    },
    'MX null.test': { answers: [mx('null.test', 0, '.')] },
    'MX odd.test': {
      answers: ['.', 'localhost', '127.0.0.1', 'sp ace.test', 'good.test'].map((host, n) =>
        mx('odd.test', n, host),
      ),
    },
    'MX useless.test': { answers: [mx('useless.test', 1, 'localhost')] },
    'MX alias.test': { answers: [cname('alias.test', 'many.test'), mx('many.test', 5, 'a.many.test')] },
    'MX bare.test': { soaSeconds: 60 },
    'A bare.test': { answers: [a('bare.test', '127.0.0.1')] },
    'AAAA bare.test': { soaSeconds: 60 },
    'MX empty.test': { soaSeconds: 60 },
    'A empty.test': { soaSeconds: 60 },
    'AAAA empty.test': { soaSeconds: 60 },
    'MX failing.test': { rcode: 2 },
    'MX half.test': { soaSeconds: 60 },
    'A half.test': { rcode: 2 },
    'AAAA half.test': { soaSeconds: 60 },
    'MX huge.test': {
      answers: Array.from({ length: 40 }, (_, n) => mx('huge.test', n, `h${n}.test`)),
      truncate: true,
    },
    'A both.test': { answers: [a('both.test', '127.0.0.2', 60)] },
    'AAAA both.test': { answers: [aaaa('both.test', '::1', 30)] },
    'A one.test': { answers: [a('one.test', '127.0.0.3')] },
    'AAAA one.test': { rcode: 2 },
    'A aliased.test': { answers: [cname('aliased.test', 'both.test'), a('both.test', '127.0.0.2')] },
    'AAAA aliased.test': { soaSeconds: 60 },
  });
  resolver = createResolver({ servers: [zone.server], timeoutMs: 2_000, attempts: 1, clock: systemClock });
});
afterAll(async () => {
  resolver.close();
  await zone.close();
});

const hosts = async (domain: string, random = (): number => 0): Promise<unknown> =>
  await mailHosts(resolver, domain, random);

describe('mailHosts', () => {
  it('orders by preference, equals by lot, each host once', async () => {
    const lots = (values: readonly number[]): (() => number) => {
      const rest = [...values];
      return () => rest.shift() ?? 0;
    };
    const at = (...names: string[]): unknown => ({
      kind: 'hosts',
      implicit: false,
      authenticated: false,
      ttlSeconds: expect.any(Number) as unknown,
      hosts: names.map((name) => ({ host: `${name}.many.test`, preference: name === 'c' ? 20 : 10 })),
    });
    expect(await hosts('many.test', lots([0, 0.1, 0.2]))).toEqual(at('b', 'a', 'c'));
    expect(await hosts('many.test', lots([0, 0.2, 0.1]))).toEqual(at('a', 'b', 'c'));
  });

  it('knows the null MX', async () => {
    expect(await hosts('null.test')).toMatchObject({ kind: 'null-mx' });
  });

  it('leaves out hosts that cannot be', async () => {
    expect(await hosts('odd.test')).toMatchObject({ kind: 'hosts', hosts: [{ host: 'good.test' }] });
    expect(await hosts('useless.test')).toMatchObject({ kind: 'hosts', hosts: [], implicit: false });
  });

  it('follows an alias of the domain', async () => {
    expect(await hosts('alias.test')).toMatchObject({ hosts: [{ host: 'a.many.test', preference: 5 }] });
  });

  it('takes the domain itself without MX', async () => {
    expect(await hosts('bare.test')).toMatchObject({
      kind: 'hosts',
      implicit: true,
      hosts: [{ host: 'bare.test', preference: 0 }],
    });
    expect(await hosts('[127.0.0.1]')).toMatchObject({ implicit: true, hosts: [{ host: '127.0.0.1' }] });
    expect(await hosts('[IPv6:::1]')).toMatchObject({ hosts: [{ host: '::1' }] });
  });

  it('tells the three kinds of no apart', async () => {
    expect(await hosts('empty.test')).toEqual({ kind: 'nodata' });
    expect(await hosts('missing.test')).toEqual({ kind: 'nxdomain' });
    expect(await hosts('failing.test')).toEqual({ kind: 'failed', cause: 'servfail', server: zone.server });
    expect(await hosts('half.test')).toMatchObject({ kind: 'failed', cause: 'servfail' });
  });

  it('bounds the number of hosts', async () => {
    const found = await mailHosts(resolver, 'huge.test', () => 0);
    expect(found.kind === 'hosts' && found.hosts.length).toBe(32);
  });
});

describe('hostAddresses', () => {
  it('gives IPv4 before IPv6, or one family', async () => {
    expect(await hostAddresses(resolver, 'both.test')).toEqual({
      kind: 'found',
      addresses: ['127.0.0.2', '::1'],
      authenticated: false,
      ttlSeconds: 30,
    });
    expect(await hostAddresses(resolver, 'both.test', 4)).toMatchObject({ addresses: ['127.0.0.2'] });
    expect(await hostAddresses(resolver, 'both.test', 6)).toMatchObject({ addresses: ['::1'] });
  });

  it('lives with one family that fails, and with an alias', async () => {
    expect(await hostAddresses(resolver, 'one.test')).toMatchObject({ addresses: ['127.0.0.3'] });
    expect(await hostAddresses(resolver, 'aliased.test')).toMatchObject({ addresses: ['127.0.0.2'] });
  });

  it('gives addresses as they are', async () => {
    expect(await hostAddresses(resolver, '127.0.0.9')).toMatchObject({ addresses: ['127.0.0.9'] });
    expect(await hostAddresses(resolver, '127.0.0.9', 6)).toEqual({ kind: 'nodata' });
  });

  it('says why there is none', async () => {
    expect(await hostAddresses(resolver, 'missing.test')).toEqual({ kind: 'nxdomain' });
    expect(await hostAddresses(resolver, 'empty.test')).toEqual({ kind: 'nodata' });
    expect(await hostAddresses(resolver, 'half.test')).toMatchObject({ kind: 'failed' });
  });
});
