import { describe, expect, test } from 'vitest';
import type { DnsAnswer, Resolver } from '../../net/dns/index.ts';
import { readSpfTree } from './spf-tree.ts';

type Zone = Readonly<Record<string, readonly string[]>>;

const facts = { ttlSeconds: 60, authenticated: false };
const missing = { kind: 'nxdomain', ...facts } as const;

function dnsOf(txt: Zone, addresses: readonly string[] = []): Pick<Resolver, 'txt' | 'a' | 'aaaa' | 'mx'> {
  const found = <T>(records: readonly T[] | undefined): Promise<DnsAnswer<T>> =>
    Promise.resolve(records === undefined ? missing : { kind: 'found', records, ...facts });
  return {
    txt: (name) => found(txt[name]),
    a: (name) => found(addresses.includes(name) ? ['192.0.2.1'] : undefined),
    aaaa: () => found<string>(undefined),
    mx: (name) => found(addresses.includes(name) ? [{ preference: 0, exchange: 'mx.example' }] : undefined),
  };
}

describe('counts look-ups as RFC 7208 §4.6.4 does', () => {
  test.each<[name: string, zone: Zone, lookups: number, voids: number]>([
    ['none in addresses', { 'a.example': ['v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all'] }, 0, 0],
    ['a, mx, ptr and exists', { 'a.example': ['v=spf1 a mx ptr exists:%{i}.x.example -all'] }, 4, 0],
    [
      'nested includes',
      {
        'a.example': ['v=spf1 include:b.example -all'],
        'b.example': ['v=spf1 a:a.example include:c.example ?all'],
        'c.example': ['v=spf1 ip4:192.0.2.1'],
      },
      3,
      0,
    ],
    [
      'a redirect',
      { 'a.example': ['v=spf1 redirect=b.example'], 'b.example': ['v=spf1 mx:a.example -all'] },
      2,
      0,
    ],
    ['no redirect beside all', { 'a.example': ['v=spf1 -all redirect=b.example'] }, 0, 0],
    ['nothing behind all', { 'a.example': ['v=spf1 ~all include:b.example'] }, 0, 0],
    [
      'what finds nothing',
      { 'a.example': ['v=spf1 a:no.example mx:no.example include:no.example -all'] },
      3,
      3,
    ],
    ['other modifiers', { 'a.example': ['v=spf1 a exp=e.example x-y=%{d} -all'] }, 1, 0],
    ['other texts', { 'a.example': ['google-site-verification=x', 'V=SPF1 +a -ALL'] }, 1, 0],
  ])('%s', async (_name, zone, lookups, voids) => {
    expect(await readSpfTree('a.example', dnsOf(zone, ['a.example']))).toMatchObject({ lookups, voids });
  });
});

describe('says why a record cannot be used', () => {
  test.each<[kind: string, zone: Zone]>([
    ['none', {}],
    ['none', { 'a.example': ['v=spf10 -all'] }],
    ['several', { 'a.example': ['v=spf1 -all', 'v=spf1 a -all'] }],
    ['syntax', { 'a.example': ['v=spf1 ip4 -all'] }],
    ['syntax', { 'a.example': ['v=spf1 include: -all'] }],
    ['syntax', { 'a.example': ['v=spf1 mxx -all'] }],
    ['syntax', { 'a.example': ['v=spf1 all:x'] }],
  ])('%s', async (kind, zone) => {
    expect((await readSpfTree('a.example', dnsOf(zone))).root.fault?.kind).toBe(kind);
  });

  test('a loop ends, and is shown', async () => {
    const zone = { 'a.example': ['v=spf1 include:b.example'], 'b.example': ['v=spf1 include:a.example'] };
    const { root } = await readSpfTree('a.example', dnsOf(zone));
    expect(root.terms[0]?.child?.terms[0]?.child?.fault).toEqual({
      kind: 'loop',
      detail: 'a.example → b.example → a.example',
    });
  });

  test('a record that fans out without end is not followed for ever', async () => {
    const many = Array.from({ length: 40 }, (_, index) => `include:i${index}.example`).join(' ');
    let asked = 0;
    const dns = {
      ...dnsOf({}),
      txt: () =>
        Promise.resolve({ kind: 'found' as const, records: [`v=spf1 ${many}${(asked += 1)}`], ...facts }),
    };
    expect((await readSpfTree('a.example', dns)).lookups).toBeGreaterThan(40);
    expect(asked).toBeLessThan(100);
  });
});
