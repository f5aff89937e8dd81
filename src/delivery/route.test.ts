import { expect, test } from 'vitest';
import { oneAddress } from '../../test/support/delivery-world.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { DnsAnswer, MxRecord } from '../net/dns/index.ts';
import { createRouter } from './route.ts';
import type { Route, StaticRoute } from './route.ts';
import { makeSite } from './site.ts';

const answered = { ttlSeconds: 300, authenticated: false };

function route(
  domain: string,
  world: { mx?: DnsAnswer<MxRecord>; routes?: StaticRoute[]; addressless?: boolean },
): Promise<Route> {
  const clock = new FakeClock(1_000);
  const nothing = (): Promise<DnsAnswer<string>> => Promise.resolve({ kind: 'nodata', ...answered });
  const resolver = {
    ...oneAddress,
    ...(world.addressless === true ? { a: nothing } : {}),
    mx: (): Promise<DnsAnswer<MxRecord>> => Promise.resolve(world.mx ?? { kind: 'nodata', ...answered }),
  };
  const router = createRouter({ resolver, routes: world.routes ?? [], port: 25, clock, random: () => 0 });
  return router(domain);
}

const mx = (...exchanges: readonly string[]): DnsAnswer<MxRecord> => ({
  kind: 'found',
  records: exchanges.map((exchange, index) => ({ exchange, preference: index })),
  ...answered,
});

test.each([
  { name: 'MX records', world: { mx: mx('mx1.example', 'mx2.example') }, kind: 'site' },
  { name: 'none, but an address (RFC 5321 §5.1)', world: {}, kind: 'site' },
  { name: 'a null MX (RFC 7505)', world: { mx: mx('.') }, kind: 'refused', cause: 'dns-null-mx' },
  {
    name: 'no such name',
    world: { mx: { kind: 'nxdomain', ...answered } as const },
    kind: 'refused',
    cause: 'dns-nxdomain',
  },
  { name: 'neither MX nor address', world: { addressless: true }, kind: 'refused', cause: 'dns-nodata' },
  {
    name: 'no answer',
    world: { mx: { kind: 'failed', cause: 'timeout', server: 's' } as const },
    kind: 'held',
    cause: 'dns-timeout',
  },
  {
    name: 'a server failure',
    world: { mx: { kind: 'failed', cause: 'servfail', server: 's' } as const },
    kind: 'held',
    cause: 'dns-servfail',
  },
  {
    name: 'MX records that name no possible host',
    world: { mx: mx('192.0.2.1') },
    kind: 'held',
    cause: 'mx-unresolvable',
  },
])('$name: $kind $cause', async ({ world, kind, cause }) => {
  const found = await route('a.example', world);
  expect(found).toMatchObject(cause === undefined ? { kind } : { kind, cause });
});

test('a site is believed for the lifetime of its records', async () => {
  expect(await route('a.example', { mx: mx('mx1.example') })).toMatchObject({ untilMs: 1_000 + 300_000 });
});

test.each([
  { pattern: '*', domain: 'a.example', matches: true },
  { pattern: 'a.example', domain: 'a.example', matches: true },
  { pattern: 'a.example', domain: 'b.a.example', matches: false },
  { pattern: '*.example', domain: 'a.example', matches: true },
  { pattern: '*.example', domain: 'example', matches: false },
  { pattern: '*.example', domain: 'anexample', matches: false },
])('route $pattern for $domain: $matches', async ({ pattern, domain, matches }) => {
  const routes = [{ domain: pattern, host: '192.0.2.5', port: 2525 }];
  const found = await route(domain, { mx: mx('mx1.example'), routes });
  const name = matches ? '192.0.2.5:2525' : 'mx1.example:25';
  expect(found).toMatchObject({ kind: 'site', site: { name } });
});

test('a site is its hosts in their order, whatever the numbers; equals in any order', () => {
  const name = (...hosts: readonly (readonly [string, number])[]): string =>
    makeSite(hosts.map(([host, preference]) => ({ host, port: 25, preference }))).name;
  expect(name(['b', 5], ['a', 5], ['c', 9])).toBe('a:25,b:25>c:25');
  expect(name(['c', 20], ['a', 10], ['b', 10])).toBe('a:25,b:25>c:25');
  expect(name(['a', 1], ['b', 2])).not.toBe(name(['a', 2], ['b', 1]));
  const many = Array.from({ length: 30 }, (_, index) => [`mail-host-${index}.example`, index] as const);
  expect(name(...many).length).toBeLessThan(80);
  expect(name(...many)).not.toBe(name(...many.toReversed().map(([host], index) => [host, index] as const)));
});
