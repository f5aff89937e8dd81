import { afterEach, describe, expect, it } from 'vitest';
import { a, cname, mx, respond, startDnsZone } from '../../../test/support/dns-zone.ts';
import type { DnsZone, ZoneAnswer } from '../../../test/support/dns-zone.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { systemClock } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { Resolver } from './contract.ts';
import { createResolver } from './resolver.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function startZone(records: Readonly<Record<string, ZoneAnswer>>): Promise<DnsZone> {
  const zone = await startDnsZone(records);
  open.push(zone);
  return zone;
}

function resolverOf(servers: readonly string[], clock: Clock = systemClock, attempts = 2): Resolver {
  const resolver = createResolver({ servers, timeoutMs: 2_000, attempts, clock, trustAd: true });
  open.push(resolver);
  return resolver;
}

async function startPair(
  records: Readonly<Record<string, ZoneAnswer>>,
  clock?: Clock,
): Promise<[DnsZone, Resolver]> {
  const zone = await startZone(records);
  return [zone, resolverOf([zone.server], clock)];
}

describe('answers', () => {
  it('tells data, NODATA, NXDOMAIN and failure apart', async () => {
    const [, resolver] = await startPair({
      'MX there.test': { answers: [mx('there.test', 10, 'Mail.There.test')], authenticated: true },
      'MX nothing.test': { soaSeconds: 60 },
      'MX broken.test': { rcode: 2 },
      'MX closed.test': { rcode: 5 },
      'MX odd.test': { rcode: 9 },
    });
    expect(await resolver.mx('there.test')).toEqual({
      kind: 'found',
      records: [{ preference: 10, exchange: 'mail.there.test' }],
      ttlSeconds: 300,
      authenticated: true,
    });
    expect(await resolver.mx('nothing.test')).toEqual({
      kind: 'nodata',
      ttlSeconds: 60,
      authenticated: false,
    });
    expect(await resolver.mx('missing.test')).toEqual({
      kind: 'nxdomain',
      ttlSeconds: 60,
      authenticated: false,
    });
    expect(await resolver.mx('broken.test')).toMatchObject({ kind: 'failed', cause: 'servfail' });
    expect(await resolver.mx('closed.test')).toMatchObject({ kind: 'failed', cause: 'refused' });
    expect(await resolver.mx('odd.test')).toMatchObject({ kind: 'failed', cause: 'servfail' });
  });

  it('reads A, AAAA and TXT', async () => {
    const [, resolver] = await startPair({
      'A x.test': { answers: [a('x.test', '127.0.0.1'), a('X.test', '127.0.0.2', 60)] },
      'AAAA x.test': { answers: [{ type: 'AAAA', name: 'x.test', ttl: 5, data: '::1' }] },
      'TXT x.test': { answers: [{ type: 'TXT', name: 'x.test', ttl: 5, data: ['v=spf1 ', '-all'] }] },
    });
    expect(await resolver.a('X.TEST.')).toMatchObject({
      records: ['127.0.0.1', '127.0.0.2'],
      ttlSeconds: 60,
    });
    expect(await resolver.aaaa('x.test')).toMatchObject({ records: ['::1'], ttlSeconds: 5 });
    expect(await resolver.txt('x.test')).toMatchObject({ records: ['v=spf1 -all'] });
  });

  it('follows aliases within an answer and beyond it, and none for ever', async () => {
    const [zone, resolver] = await startPair({
      'A in.test': {
        answers: [
          cname('in.test', 'mid.test', 30),
          cname('mid.test', 'out.test'),
          a('out.test', '127.0.0.1'),
        ],
      },
      'A far.test': { answers: [cname('far.test', 'out.test', 20)] },
      'A out.test': { answers: [a('out.test', '127.0.0.9')] },
      'A loop.test': { answers: [cname('loop.test', 'pool.test'), cname('pool.test', 'loop.test')] },
      'A ping.test': { answers: [cname('ping.test', 'pong.test')] },
      'A pong.test': { answers: [cname('pong.test', 'ping.test')] },
      'A empty.test': { answers: [cname('empty.test', 'bare.test')], soaSeconds: 60 },
      'A gone.test': { answers: [cname('gone.test', 'nowhere.test')], rcode: 3, soaSeconds: 60 },
    });
    expect(await resolver.a('in.test')).toMatchObject({
      kind: 'found',
      records: ['127.0.0.1'],
      ttlSeconds: 30,
    });
    expect(await resolver.a('far.test')).toMatchObject({
      kind: 'found',
      records: ['127.0.0.9'],
      ttlSeconds: 20,
    });
    expect(await resolver.a('loop.test')).toMatchObject({ kind: 'failed', cause: 'malformed' });
    expect(await resolver.a('ping.test')).toMatchObject({ kind: 'failed', cause: 'malformed' });
    expect(await resolver.a('empty.test')).toMatchObject({ kind: 'nodata' });
    expect(await resolver.a('gone.test')).toMatchObject({ kind: 'nxdomain' });
    expect(zone.questions.length).toBeLessThan(12);
  });

  it.each(['bad name.test', 'a..test', '', 'x'.repeat(64), '日本.jp', 'a\0b.test', 'a.'.repeat(130)])(
    'does not ask for %j',
    async (name) => {
      const [zone, resolver] = await startPair({});
      expect(await resolver.mx(name)).toMatchObject({ kind: 'failed', cause: 'malformed' });
      expect(zone.questions).toEqual([]);
    },
  );
});

describe('the wire', () => {
  it('goes to TCP when the answer is cut off', async () => {
    const answers = Array.from({ length: 300 }, (_, n) => a('big.test', `127.0.${n >> 8}.${n & 255}`));
    const [zone, resolver] = await startPair({ 'A big.test': { answers, truncate: true } });
    const found = await resolver.a('big.test');
    expect(found.kind === 'found' && found.records.length).toBe(300);
    expect(zone.questions).toEqual(['A big.test', 'tcp A big.test']);
  });

  it('goes without EDNS when the server does not know it', async () => {
    const [zone, resolver] = await startPair({
      'A old.test': { answers: [a('old.test', '127.0.0.1')], noEdns: true },
    });
    expect(await resolver.a('old.test')).toMatchObject({ kind: 'found' });
    expect(zone.questions).toHaveLength(2);
  });

  it('is not taken in by what does not answer its question', async () => {
    const evil = { answers: [a('x.test', '127.6.6.6')] };
    const before = (query: Buffer): Buffer[] => {
      const wrongId = respond(query, evil);
      wrongId.writeUInt16BE(wrongId.readUInt16BE(0) ^ 1, 0);
      const otherName = Buffer.from(respond(query, evil));
      otherName[13] = 'y'.charCodeAt(0);
      const noResponse = Buffer.from(respond(query, evil));
      noResponse[2] = (noResponse[2] ?? 0) & 0x7f;
      return [wrongId, otherName, noResponse, Buffer.alloc(0), Buffer.from('short'), query];
    };
    const [, resolver] = await startPair({ 'A x.test': { answers: [a('x.test', '127.0.0.1')], before } });
    expect(await resolver.a('x.test')).toMatchObject({ kind: 'found', records: ['127.0.0.1'] });
  });

  it('calls an answer that cannot be read malformed', async () => {
    const raw = (query: Buffer): Buffer => {
      const bytes = respond(query, { answers: [a('x.test', '127.0.0.1')] });
      return bytes.subarray(0, bytes.length - 3);
    };
    const [zone, resolver] = await startPair({ 'A x.test': { raw } });
    expect(await resolver.a('x.test')).toEqual({ kind: 'failed', cause: 'malformed', server: zone.server });
  });

  it('leaves from another port with another id each time', async () => {
    const [zone, resolver] = await startPair({});
    for (let n = 0; n < 12; n++) await resolver.a(`n${n}.test`);
    expect(new Set(zone.ports).size).toBeGreaterThan(8);
    expect(new Set(zone.ids).size).toBeGreaterThan(8);
  });
});

describe('several servers', () => {
  it('asks again, then fails with the time limit', async () => {
    const clock = new FakeClock();
    const [zone, resolver] = await startPair({ 'A x.test': { drop: true } }, clock);
    const answer = resolver.a('x.test');
    await zone.asked(1);
    await clock.advance(2_000);
    await zone.asked(2);
    await clock.advance(2_000);
    expect(await answer).toEqual({ kind: 'failed', cause: 'timeout', server: zone.server });
    expect(clock.pendingTimers).toBe(0);
  });

  it('goes to the next when one fails, and reports what was said rather than the silence', async () => {
    const good = await startZone({
      'A x.test': { answers: [a('x.test', '127.0.0.1')] },
      'A y.test': { rcode: 2 },
    });
    const dead = await startZone({});
    const deadServer = dead.server;
    await dead.close();
    open.splice(open.indexOf(dead), 1);
    const resolver = resolverOf([deadServer, good.server]);
    expect(await resolver.a('x.test')).toMatchObject({ kind: 'found' });
    expect(await resolver.a('y.test')).toEqual({ kind: 'failed', cause: 'servfail', server: good.server });
    const alone = resolverOf([deadServer]);
    expect(await alone.a('x.test')).toEqual({ kind: 'failed', cause: 'unreachable', server: deadServer });
  });

  it('takes turns', async () => {
    const zones = await Promise.all([startZone({}), startZone({})]);
    const resolver = resolverOf(zones.map(({ server }) => server));
    for (let n = 0; n < 4; n++) await resolver.a(`n${n}.test`);
    expect(zones.map(({ questions }) => questions.length)).toEqual([2, 2]);
  });

  it('avoids for a while one that did not answer', async () => {
    const clock = new FakeClock();
    const silent = await startZone({ 'A a.test': { drop: true }, 'A b.test': { drop: true } });
    const good = await startZone({});
    const resolver = resolverOf([silent.server, good.server], clock);
    const first = resolver.a('a.test');
    await silent.asked(1);
    await clock.advance(2_000);
    expect(await first).toMatchObject({ kind: 'nxdomain' });
    await resolver.a('b.test');
    await resolver.a('c.test');
    expect(silent.questions).toEqual(['A a.test']);
  });
});

describe('the cache', () => {
  it('keeps answers for the smallest TTL and counts it down', async () => {
    const clock = new FakeClock();
    const [zone, resolver] = await startPair(
      { 'A x.test': { answers: [a('x.test', '127.0.0.1', 100)] } },
      clock,
    );
    await resolver.a('x.test');
    await clock.advance(40_000);
    expect(await resolver.a('x.TEST')).toMatchObject({ kind: 'found', ttlSeconds: 60 });
    expect(zone.questions).toHaveLength(1);
    await clock.advance(60_000);
    await resolver.a('x.test');
    expect(zone.questions).toHaveLength(2);
  });

  it.each([
    ['NXDOMAIN, at most three hours', { rcode: 3, soaSeconds: 86_400 }, 3 * 3600],
    ['NODATA as long as the SOA says', { soaSeconds: 60 }, 60],
    ['failures for five seconds', { rcode: 2 }, 5],
    ['data for at most a day', { answers: [a('x.test', '127.0.0.1', 9_999_999)] }, 86_400],
  ])('keeps %s', async (_name, answer, seconds) => {
    const clock = new FakeClock();
    const zone = await startZone({ 'A x.test': answer });
    const resolver = resolverOf([zone.server], clock, 1);
    await resolver.a('x.test');
    await clock.advance(seconds * 1000 - 1);
    await resolver.a('x.test');
    expect(zone.questions).toHaveLength(1);
    await clock.advance(1);
    await resolver.a('x.test');
    expect(zone.questions).toHaveLength(2);
  });

  it.each([
    ['TTL 0', { answers: [a('x.test', '127.0.0.1', 0)] }],
    ['a TTL with the highest bit set', { answers: [a('x.test', '127.0.0.1', 0x8000_0000)] }],
    ['a denial without SOA', { rcode: 3 }],
  ])('does not keep %s', async (_name, answer) => {
    const [zone, resolver] = await startPair({ 'A x.test': answer });
    await resolver.a('x.test');
    await resolver.a('x.test');
    expect(zone.questions).toHaveLength(2);
  });

  it('asks once for many who ask the same at once', async () => {
    const [zone, resolver] = await startPair({ 'A x.test': { answers: [a('x.test', '127.0.0.1', 0)] } });
    const answers = await Promise.all(Array.from({ length: 50 }, () => resolver.a('x.test')));
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['found']));
    expect(zone.questions).toHaveLength(1);
  });

  it('answers a thousand different questions at once', async () => {
    const [zone, resolver] = await startPair({});
    const names = Array.from({ length: 1000 }, (_, n) => `n${n}.test`);
    const answers = await Promise.all(names.map((name) => resolver.mx(name)));
    expect(answers.every(({ kind }) => kind === 'nxdomain')).toBe(true);
    expect(new Set(zone.questions).size).toBe(1000);
  });
});

it('gives up what is under way when closed', async () => {
  const [zone, resolver] = await startPair({ 'A x.test': { drop: true } });
  const answer = resolver.a('x.test');
  await zone.asked(1);
  resolver.close();
  expect(await answer).toMatchObject({ kind: 'failed', cause: 'unreachable' });
  expect(await resolver.a('y.test')).toMatchObject({ kind: 'failed' });
});
