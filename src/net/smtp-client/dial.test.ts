import { createSecureContext } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../test/support/certificate.ts';
import type { Certificate } from '../../../test/support/certificate.ts';
import { FakeClock, settlePromises } from '../../../test/support/fake-clock.ts';
import { dialOptions, message } from '../../../test/support/smtp-dialing.ts';
import {
  body as readBody,
  end,
  expectLine,
  mark,
  reply,
  startSmtpPeer,
  stay,
  tls,
} from '../../../test/support/smtp-peer.ts';
import type { PeerStep, SmtpPeer } from '../../../test/support/smtp-peer.ts';
import { accepted, envelope, quit } from '../../../test/support/smtp-scripts.ts';
import type { DialOptions, DialResult, SmtpSession } from './contract.ts';
import { connectCause } from './connect.ts';
import { dial } from './dial.ts';
import { defaultTimeouts } from './timeouts.ts';

let peer: SmtpPeer | null = null;
afterEach(async () => {
  await peer?.close();
  peer = null;
});

async function dialScript(steps: readonly PeerStep[], more: Partial<DialOptions> = {}): Promise<DialResult> {
  peer = await startSmtpPeer(steps);
  return dial(dialOptions(peer.port, more));
}

function sessionOf(result: DialResult): SmtpSession {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.session;
}

/** Turns of the loop in which the client reads what the peer has written. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await settlePromises();
}

const banner = reply('220 mx.example ESMTP');
const ehlo = expectLine(/^EHLO client\.example$/);
const helo = expectLine(/^HELO client\.example$/);

describe('greeting', () => {
  it('reads the extensions in any case', async () => {
    const lines = ['250-mx.example', '250-size 35882577', '250-Pipelining', '250-8bitmime', '250-SMTPUTF8'];
    const result = await dialScript([
      banner,
      ehlo,
      reply([...lines, '250-CHUNKING', '250 STARTTLS']),
      ...quit,
    ]);
    const session = sessionOf(result);
    expect(session.extensions).toEqual({
      pipelining: true,
      eightBitMime: true,
      smtpUtf8: true,
      chunking: true,
      startTls: true,
      requireTls: false,
      sizeOctets: 35_882_577,
    });
    expect(session.tls).toBeNull();
    await session.quit();
  });

  it('goes on with HELO where EHLO is unknown', async () => {
    const result = await dialScript([banner, ehlo, reply('502 what?'), helo, reply('250 hello'), ...quit]);
    const session = sessionOf(result);
    expect(session.extensions).toMatchObject({ pipelining: false, sizeOctets: null });
    expect(session.room).toBe(1);
    await session.quit();
  });

  it.each([
    ['HELO where EHLO was unknown', '500 what?', [reply('554 5.7.1 blocked')], 554],
    ['EHLO where that was about us', '550 5.7.1 blocked', [reply('503 no')], 550],
    ['EHLO where the server hung up after it', '554 5.7.1 blocked', [end()], 554],
  ])('reports the refusal of %s', async (_name, first, second, code) => {
    const result = await dialScript([banner, ehlo, reply(first), helo, ...second]);
    expect(result).toMatchObject({
      ok: false,
      failure: { origin: 'remote', stage: 'ehlo', reply: { code } },
    });
  });

  it.each([
    ['4xx to EHLO', [banner, ehlo, reply('451 later'), stay()], { origin: 'remote', stage: 'ehlo' }],
    [
      '5xx banner',
      [reply('554 5.7.1 no'), stay()],
      { origin: 'remote', stage: 'banner', reply: { code: 554 } },
    ],
    [
      '5xx and 421 at once',
      [reply(['554 5.7.1 no', '421 bye']), end()],
      { origin: 'remote', reply: { code: 554 } },
    ],
    ['421 banner', [reply('421 busy'), end()], { origin: 'remote', stage: 'banner', reply: { code: 421 } }],
    ['354 banner', [reply('354 go'), stay()], { origin: 'local', stage: 'banner', cause: 'reply-malformed' }],
    ['two banners', [reply(['220 a', '220 b']), stay()], { origin: 'local', cause: 'reply-malformed' }],
    ['another protocol', [reply('SSH-2.0-x'), stay()], { origin: 'local', cause: 'reply-malformed' }],
    ['no banner', [end()], { origin: 'local', stage: 'banner', cause: 'connection-lost' }],
    ['end after EHLO', [banner, ehlo, end()], { origin: 'local', stage: 'ehlo', cause: 'connection-lost' }],
  ])('fails on %s', async (_name, steps, failure) => {
    expect(await dialScript(steps)).toMatchObject({ ok: false, failure, tls: null });
  });

  it.each([
    ['banner', [mark('silent'), stay()], defaultTimeouts.bannerMs],
    ['ehlo', [banner, ehlo, mark('silent'), stay()], defaultTimeouts.commandMs],
  ])('waits for the %s as long as RFC 5321 says', async (stage, steps, limitMs) => {
    const clock = new FakeClock();
    peer = await startSmtpPeer(steps);
    const result = dial(dialOptions(peer.port, { clock }));
    await peer.marked('silent');
    await turns();
    await clock.advance(limitMs);
    expect(await result).toMatchObject({ ok: false, failure: { stage, cause: 'reply-timeout' } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('understands replies cut at every place', async () => {
    const greeting = ['250-mx.example', '250 PIPELINING'];
    const group = ['250 2.1.0 ok', '250-2.1.5', '250 2.1.5 ok', '354 go'];
    for (let cut = 1; cut < `${group.join('\r\n')}\r\n`.length; cut++) {
      const cutGreeting = Math.min(cut, `${greeting.join('\r\n')}\r\n`.length - 1);
      const steps = [
        banner,
        ehlo,
        reply(greeting, cutGreeting),
        ...envelope(/<a@/),
        reply(group, cut),
        readBody(),
      ];
      const session = sessionOf(await dialScript([...steps, reply('250 taken', cut % 9), ...quit]));
      expect(await session.send(message('a@example.jp'))).toMatchObject(accepted);
      await session.quit();
      await peer?.close();
    }
  });
});

describe('connecting', () => {
  it('says that nobody listens', async () => {
    const closed = await startSmtpPeer([]);
    const { port } = closed;
    await closed.close();
    expect(await dial(dialOptions(port))).toMatchObject({
      ok: false,
      failure: { origin: 'local', stage: 'connect', cause: 'connect-refused' },
    });
  });

  it.each([
    ['a name for an address', { address: 'localhost' }],
    ['a port out of range', { port: 70_000 }],
    ['a source address that is not ours', { localAddress: '192.0.2.77' }],
    ['a source address of the other family', { localAddress: '::1' }],
    ['a host name that could end the command', { hostname: 'x\r\nMAIL' }],
  ])('refuses %s without throwing', async (_name, more) => {
    expect(await dial(dialOptions(25, more))).toMatchObject({
      ok: false,
      failure: { origin: 'local', stage: 'connect', cause: 'connect-local' },
    });
  });

  it('gives up after the time limit', async () => {
    const clock = new FakeClock();
    peer = await startSmtpPeer([stay()]);
    // Time passes before the kernel's answer can be read.
    const result = dial(dialOptions(peer.port, { clock }));
    const advanced = clock.advance(defaultTimeouts.connectMs);
    expect(await result).toMatchObject({ ok: false, failure: { cause: 'connect-timeout' } });
    await advanced;
  });

  it.each([
    ['ECONNREFUSED', 'connect-refused'],
    ['ETIMEDOUT', 'connect-timeout'],
    ['EHOSTUNREACH', 'connect-unreachable'],
    ['ENETUNREACH', 'connect-unreachable'],
    ['ECONNRESET', 'connection-lost'],
    ['EMFILE', 'connect-local'],
    ['EADDRNOTAVAIL', 'connect-local'],
    [undefined, 'connect-local'],
  ])('%s is %s', (code, cause) => {
    expect(connectCause(code)).toBe(cause);
  });
});

describe('STARTTLS', () => {
  let certificate: Certificate;
  beforeAll(async () => {
    certificate = await makeCertificate('mx.example');
  });
  const offer = [banner, ehlo, reply(['250-mx.example', '250-PIPELINING', '250 STARTTLS'])];
  const start = expectLine(/^STARTTLS$/);
  const opportunistic: Partial<DialOptions> = { tls: { mode: 'opportunistic', context: null } };
  const required: Partial<DialOptions> = { tls: { mode: 'required', context: null } };

  const secured = (): PeerStep[] => [
    ...offer,
    start,
    reply('220 go'),
    tls(certificate),
    ehlo,
    reply(['250-mx.example', '250 SIZE 1000']),
    expectLine(/^MAIL FROM:<sender@example\.com> SIZE=\d+$/),
    reply('250 ok'),
    expectLine(/^RCPT/),
    reply('250 ok'),
    expectLine(/^DATA$/),
    reply('354 go'),
    readBody(),
    reply('250 taken'),
    ...quit,
  ];

  it('encrypts without demanding a valid certificate, and forgets what was offered before', async () => {
    const session = sessionOf(await dialScript(secured(), opportunistic));
    expect(session.tls).toMatchObject({ version: 'TLSv1.3', verified: false });
    expect(session.tls?.cipher).toMatch(/^TLS_/);
    expect(session.extensions).toMatchObject({ pipelining: false, sizeOctets: 1000 });
    expect(await session.send(message())).toMatchObject(accepted);
    await session.quit();
  });

  it('records that the certificate is valid for the name', async () => {
    const context = createSecureContext({ ca: certificate.cert });
    const trusting = { tls: { mode: 'required' as const, context } };
    const session = sessionOf(await dialScript(secured(), trusting));
    expect(session.tls).toMatchObject({ verified: true });
    session.destroy();
    const other = sessionOf(await dialScript(secured(), { ...trusting, host: 'other.example' }));
    expect(other.tls).toMatchObject({ verified: false });
    other.destroy();
    peer = null;
  });

  it.each([
    ['refused', [...offer, start, reply('454 not now'), ...quit]],
    ['not offered', [banner, ehlo, reply('250 mx.example'), ...quit]],
  ])('goes on in the clear when it is %s', async (_name, steps) => {
    const session = sessionOf(await dialScript(steps, opportunistic));
    expect(session.tls).toBeNull();
    await session.quit();
  });

  it('fails when it is required and not to be had', async () => {
    const without = await dialScript([banner, ehlo, reply('250 mx.example'), stay()], required);
    expect(without).toMatchObject({ ok: false, failure: { stage: 'starttls', cause: 'tls-unavailable' } });
    await peer?.close();
    const refused = await dialScript([...offer, start, reply('454 not now'), stay()], required);
    expect(refused).toMatchObject({ ok: false, failure: { origin: 'remote', stage: 'starttls' } });
  });

  it.each([
    ['the handshake fails', [reply('220 go'), reply('this is not TLS'), stay()]],
    ['the server hangs up', [reply('220 go'), end()]],
    ['clear text comes behind the 220', [reply(['220 go', '250 injected']), stay()]],
  ])('fails as tls-failed when %s', async (_name, steps) => {
    expect(await dialScript([...offer, start, ...steps], opportunistic)).toMatchObject({
      ok: false,
      failure: { origin: 'local', stage: 'starttls', cause: 'tls-failed' },
    });
  });

  it('fails as tls-failed when the handshake takes too long', async () => {
    const clock = new FakeClock();
    peer = await startSmtpPeer([...offer, start, reply('220 go'), mark('silent'), stay()]);
    const result = dial(dialOptions(peer.port, { ...opportunistic, clock }));
    await peer.marked('silent');
    await turns();
    await clock.advance(defaultTimeouts.commandMs);
    expect(await result).toMatchObject({
      ok: false,
      failure: { origin: 'local', stage: 'starttls', cause: 'tls-failed' },
    });
    expect(clock.pendingTimers).toBe(0);
  });
});
