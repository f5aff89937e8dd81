import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { decode, encode } from 'dns-packet';
import type { DecodedPacket } from 'dns-packet';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { createZone, startDnsServer } from './index.ts';
import type { DnsServer } from './index.ts';

const clock = new FakeClock();
const longText = 'v=DKIM1; p='.padEnd(600, 'A');
let server: DnsServer;
let resolver: Resolver;

beforeEach(async () => {
  const zone = createZone(
    [
      { name: 'example.co.jp', type: 'MX', preference: 20, exchange: 'mx2.example.co.jp' },
      { name: 'example.co.jp', type: 'MX', preference: 10, exchange: 'mx1.example.co.jp' },
      { name: 'mx1.example.co.jp', type: 'A', address: '127.1.0.1' },
      { name: 'mx1.example.co.jp', type: 'AAAA', address: '::1' },
      { name: 'nomail.example', type: 'MX', preference: 0, exchange: '.' },
      { name: 's._domainkey.example.co.jp', type: 'TXT', text: longText },
      { name: 'www.example.co.jp', type: 'CNAME', target: 'mx1.example.co.jp' },
      { name: 'example.co.jp', type: 'NS', target: 'ns.simulator.test' },
    ],
    ['example.co.jp', 'nomail.example'],
  );
  server = await startDnsServer({ zone, clock, port: 0, faults: { 'broken.example': { kind: 'servfail' } } });
  resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([server.place]);
});

afterEach(() => server.close());

async function ask(bytes: Buffer): Promise<DecodedPacket> {
  const socket = createSocket('udp4');
  const answered = new Promise<Buffer>((resolve) => socket.once('message', resolve));
  socket.send(bytes, server.port, '127.0.0.1');
  const answer = await answered;
  socket.close();
  return decode(answer);
}

/** RFC 1035 §4.1.1. */
function rcodeOf(packet: DecodedPacket): string {
  return (
    ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'][(packet.flags ?? 0) & 0xf] ?? '?'
  );
}

function query(name: string, type: 'MX' | 'A' | 'TXT' | 'SOA'): Buffer {
  return encode({ type: 'query', id: 7, flags: 256, questions: [{ name, type }] });
}

test('answers a real resolver: MX, A, AAAA, TXT, NS, SOA, CNAME, null MX', async () => {
  expect((await resolver.resolveMx('EXAMPLE.co.jp')).map((record) => record.exchange).toSorted()).toEqual([
    'mx1.example.co.jp',
    'mx2.example.co.jp',
  ]);
  expect(await resolver.resolve4('mx1.example.co.jp')).toEqual(['127.1.0.1']);
  expect(await resolver.resolve6('mx1.example.co.jp')).toEqual(['::1']);
  expect(await resolver.resolve4('www.example.co.jp')).toEqual(['127.1.0.1']);
  expect(await resolver.resolveNs('example.co.jp')).toEqual(['ns.simulator.test']);
  expect(await resolver.resolveSoa('example.co.jp')).toMatchObject({ nsname: 'ns.simulator.test' });
  // RFC 7505: preference 0, exchange "." (which this resolver shows as an empty string).
  expect(await resolver.resolveMx('nomail.example')).toEqual([expect.objectContaining({ exchange: '' })]);
  // More than 512 octets: truncated over UDP, so this went over TCP.
  expect((await resolver.resolveTxt('s._domainkey.example.co.jp')).map((parts) => parts.join(''))).toEqual([
    longText,
  ]);
});

test('three kinds of no: NXDOMAIN and NODATA with SOA, failure without', async () => {
  const missing = await ask(query('typo.example.co.jp', 'MX'));
  expect([rcodeOf(missing), missing.answers?.length, missing.authorities?.[0]?.name]).toEqual([
    'NXDOMAIN',
    0,
    'example.co.jp',
  ]);
  const nodata = await ask(query('mx1.example.co.jp', 'MX'));
  expect([rcodeOf(nodata), nodata.answers?.length, nodata.authorities?.[0]?.type]).toEqual([
    'NOERROR',
    0,
    'SOA',
  ]);
  const above = await ask(query('co.jp', 'A'));
  expect([rcodeOf(above), above.authorities?.[0]?.name]).toEqual(['NOERROR', '.']);
  expect(rcodeOf(await ask(query('broken.example', 'MX')))).toBe('SERVFAIL');
  server.setFault('broken.example', null);
  expect(rcodeOf(await ask(query('broken.example', 'MX')))).toBe('NXDOMAIN');
  server.setFault('example.co.jp', { kind: 'refused' });
  expect(rcodeOf(await ask(query('example.co.jp', 'MX')))).toBe('REFUSED');
});

test('truncates over UDP as far as the client can take it', async () => {
  const plain = await ask(query('s._domainkey.example.co.jp', 'TXT'));
  expect([plain.flag_tc, plain.answers?.length]).toEqual([true, 0]);
  const edns = encode({
    type: 'query',
    id: 8,
    questions: [{ name: 's._domainkey.example.co.jp', type: 'TXT' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1_232,
        flags: 0,
        options: [],
        extendedRcode: 0,
        ednsVersion: 0,
        flag_do: false,
      },
    ],
  });
  const whole = await ask(edns);
  expect([whole.flag_tc, whole.answers?.length, whole.additionals?.[0]?.type]).toEqual([false, 1, 'OPT']);
});

test('can be slow or silent for a name, and counts questions', async () => {
  server.setFault('example.co.jp', { kind: 'slow', delayMs: 30_000 });
  const late = ask(query('example.co.jp', 'MX'));
  // The answer to another name shows that the slow question, sent before it, has arrived.
  await ask(query('mx1.example.co.jp', 'A'));
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(30_000);
  expect((await late).answers).toHaveLength(2);
  server.setFault('example.co.jp', { kind: 'timeout' });
  const socket = createSocket('udp4');
  const got: unknown[] = [];
  socket.on('message', (bytes) => got.push(bytes));
  socket.send(query('example.co.jp', 'MX'), server.port, '127.0.0.1');
  socket.send(query('mx1.example.co.jp', 'A'), server.port, '127.0.0.1');
  await once(socket, 'message');
  socket.close();
  expect(got).toHaveLength(1);
  expect(Object.fromEntries(server.queries())).toEqual({ 'MX example.co.jp': 2, 'A mx1.example.co.jp': 2 });
});

test('arbitrary bytes over UDP and TCP never stop it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
      const udp = createSocket('udp4');
      await new Promise<void>((resolve) => udp.send(bytes, server.port, '127.0.0.1', () => resolve()));
      udp.close();
      const tcp = connect(server.port, '127.0.0.1');
      tcp.on('error', () => tcp.destroy());
      tcp.end(bytes);
      tcp.resume();
      await once(tcp, 'close');
    }),
    { numRuns: 100 },
  );
  expect((await ask(query('mx1.example.co.jp', 'A'))).answers).toHaveLength(1);
});
