import { afterEach, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { dialOptions, message } from '../../test/support/smtp-dialing.ts';
import { body, end, expectLine, reply, startSmtpPeer } from '../../test/support/smtp-peer.ts';
import type { SmtpPeer } from '../../test/support/smtp-peer.ts';
import { accepted, chunking, envelope, pipelining, quit, whole } from '../../test/support/smtp-scripts.ts';
import { dial } from '../net/smtp-client/index.ts';
import type { Dial, DialOptions, SmtpSession } from '../net/smtp-client/index.ts';
import { waryDial } from './wary-dial.ts';

let peer: SmtpPeer | null = null;
afterEach(async () => {
  await peer?.close();
  peer = null;
});

async function open(wary: Dial, options: DialOptions): Promise<SmtpSession> {
  const result = await wary(options);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.session;
}

const stepByStep = [
  expectLine(/^MAIL/),
  reply('250 ok'),
  expectLine(/^RCPT/),
  reply('250 ok'),
  expectLine(/^DATA/),
  reply('354 go'),
  body(),
  reply('250 taken'),
  ...quit,
];

it('goes step by step for an hour with a host that hung up on a group', async () => {
  peer = await startSmtpPeer(
    [...pipelining, expectLine(/^MAIL/), end()],
    [...pipelining, ...stepByStep],
    [...pipelining, ...stepByStep],
    [
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok', '354 go']),
      body(),
      reply('250 ok'),
      ...quit,
    ],
  );
  const clock = new FakeClock();
  const wary = waryDial(dial, clock);
  const options = dialOptions(peer.port, { clock });
  const first = await open(wary, options);
  expect(await first.send(message('a@example.jp'))).toMatchObject({ kind: 'broken', mayHaveArrived: false });
  for (const room of [1, 1, 8]) {
    const session = await open(wary, options);
    expect(session.room).toBe(room);
    expect(await session.send(message('a@example.jp'))).toMatchObject(accepted);
    await session.quit();
    await clock.advance(1_800_000);
  }
});

it('leaves out CHUNKING alone where that was what broke, and other hosts as they are', async () => {
  const usual = [
    ...envelope(/<a@/),
    reply(['250 ok', '250 ok', '354 go']),
    body(),
    reply('250 taken'),
    ...quit,
  ];
  peer = await startSmtpPeer(
    [...chunking, ...whole(/<a@/), reply(['250 ok', '250 ok', '502 what?']), end()],
    [...chunking, ...usual],
    [...chunking, ...whole(/<a@/), reply(['250 ok', '250 ok', '250 taken']), ...quit],
  );
  const wary = waryDial(dial, new FakeClock());
  const options = dialOptions(peer.port, { chunking: true });
  const first = await open(wary, options);
  expect(await first.send(message('a@example.jp'))).toMatchObject({ kind: 'broken', mayHaveArrived: false });
  const places = [options, { ...options, host: 'other.example' }];
  for (const place of places) {
    const session = await open(wary, place);
    expect(await session.send(message('a@example.jp'))).toMatchObject(accepted);
    await session.quit();
  }
});

it('remembers the latest ten thousand hosts', async () => {
  const asked: DialOptions[] = [];
  const wary = waryDial((options) => {
    asked.push(options);
    return dial({ ...options, address: 'no address' });
  }, new FakeClock());
  const suspectAll = async (host: string): Promise<void> => {
    await wary(dialOptions(1, { host }));
    asked.at(-1)?.onSuspect?.('pipelining');
  };
  for (let n = 0; n <= 10_000; n++) await suspectAll(`mx${n}.example`);
  const steps = async (host: string): Promise<boolean> => {
    await wary(dialOptions(1, { host }));
    return asked.at(-1)?.pipelining === false;
  };
  expect([await steps('mx0.example'), await steps('mx1.example'), await steps('mx10000.example')]).toEqual([
    false,
    true,
    true,
  ]);
});
