import { afterEach, describe, expect, it } from 'vitest';
import { dialOptions, message, openSession } from '../../../test/support/smtp-dialing.ts';
import { systemClock } from '../../base/index.ts';
import { body, end, expectLine, mark, reply, startSmtpPeer, stay } from '../../../test/support/smtp-peer.ts';
import type { PeerStep, SmtpPeer } from '../../../test/support/smtp-peer.ts';
import { accepted, chunking, envelope, pipelining, quit, whole } from '../../../test/support/smtp-scripts.ts';
import type { SmtpSession } from './contract.ts';
import { dial } from './dial.ts';

let peer: SmtpPeer;
afterEach(() => peer.close());

const taken = ['250 ok', '250 ok', '250 taken'];
const rset = expectLine(/^RSET$/);
const lost = { kind: 'broken', mayHaveArrived: true };

async function open(...steps: readonly PeerStep[]): Promise<SmtpSession> {
  peer = await startSmtpPeer([...chunking, ...steps]);
  return openSession(peer.port, systemClock, { chunking: true });
}

/** The first message of a session, which shows that the server can take BDAT. */
const first: readonly PeerStep[] = [...whole(/<first@/), reply(taken)];

/** Opens a session and gets the first message through. */
async function openProven(...steps: readonly PeerStep[]): Promise<SmtpSession> {
  const session = await open(...first, ...steps);
  expect(session.room).toBe(1);
  expect(await session.send(message('first@example.jp'))).toMatchObject(accepted);
  expect(session.room).toBe(4);
  return session;
}

describe('with CHUNKING', () => {
  it('sends a whole transaction before any reply, its dots as they are', async () => {
    const text = 'To: first@example.jp\r\n\r\n.\r\n..\r\n.a\r\n';
    const session = await open(...first, ...quit);
    const sent = session.send(message('first@example.jp', { body: Buffer.from(text), dotSafe: false }));
    expect(session.room).toBe(0);
    expect(await sent).toEqual({ kind: 'accepted', reply: { code: 250, status: null, lines: ['taken'] } });
    expect(peer.bodies).toEqual([text]);
    await session.quit();
  });

  it('ends a body without a line end with one, and counts it', async () => {
    const session = await open(...first, ...quit);
    const sent = session.send(message('first@example.jp', { body: Buffer.from('To: x\r\n\r\nend') }));
    expect(await sent).toMatchObject(accepted);
    expect(peer.bodies).toEqual(['To: x\r\n\r\nend\r\n']);
    await session.quit();
  });

  it('has four transactions in flight once the server has taken one, each behind a RSET', async () => {
    const session = await openProven(
      ...whole(/<a@/),
      rset,
      ...whole(/<b@/),
      rset,
      ...whole(/<c@/),
      rset,
      ...whole(/<d@/),
      reply([...taken, '250 reset', ...taken, '250 reset', ...taken, '250 reset', ...taken]),
      ...quit,
    );
    const all = ['a', 'b', 'c', 'd'].map((name) => session.send(message(`${name}@example.jp`)));
    expect(session.room).toBe(0);
    expect(() => session.send(message())).toThrow('without room');
    expect(await Promise.all(all)).toMatchObject([accepted, accepted, accepted, accepted]);
    expect(session.room).toBe(4);
    await session.quit();
    expect(session.suspect).toBeNull();
  });

  it('takes no more while 256 KB are in flight, and writes nothing into a body under way', async () => {
    const large = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(300));
    const session = await openProven(
      ...whole(/<small@/),
      rset,
      ...whole(/<large@/),
      mark('large'),
      reply([...taken, '250 reset', ...taken]),
      ...quit,
    );
    const small = session.send(message('small@example.jp'));
    expect(session.room).toBe(3);
    const big = session.send(message('large@example.jp', { body: large }));
    expect(session.room).toBe(0);
    expect(await Promise.all([small, big])).toMatchObject([accepted, accepted]);
    expect(peer.bodies.at(-1)).toBe(large.toString());
    await session.quit();
  });

  it('writes what waits behind a large body when that is out', async () => {
    const large = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(200));
    const session = await openProven(
      ...whole(/<large@/),
      rset,
      ...whole(/<small@/),
      reply([...taken, '250 reset', ...taken]),
      ...quit,
    );
    const both = [
      session.send(message('large@example.jp', { body: large })),
      session.send(message('small@example.jp')),
    ];
    expect(await Promise.all(both)).toMatchObject([accepted, accepted]);
    await session.quit();
  });

  it.each([
    ['MAIL', ['451 4.3.0 later', '503 no', '503 no'], 'mail', 451],
    ['RCPT', ['250 ok', '550 5.1.1 unknown', '503 no recipients'], 'rcpt', 550],
    ['RCPT, with 554 to BDAT', ['250 ok', '450 4.2.2 full', '554 no recipients'], 'rcpt', 450],
    ['BDAT', ['250 ok', '250 ok', '554 5.7.1 spam'], 'eom', 554],
    ['BDAT for now', ['250 ok', '250 ok', '452 4.3.1 disk'], 'eom', 452],
  ])('takes a refused %s with its followers; the one behind goes on', async (_name, replies, stage, code) => {
    const session = await openProven(
      ...whole(/<a@/),
      rset,
      ...whole(/<b@/),
      reply([...replies, '250 reset', ...taken]),
      ...quit,
    );
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([{ kind: 'rejected', stage, reply: { code } }, accepted]);
    await session.quit();
    expect(session.suspect).toBeNull();
  });

  it('resets after a refusal when nothing was behind it', async () => {
    const session = await open(
      ...whole(/<a@/),
      reply(['250 ok', '550 unknown', '503 no recipients']),
      rset,
      ...whole(/<b@/),
      reply(['250 reset', ...taken]),
      ...quit,
    );
    expect(await session.send(message('a@example.jp'))).toMatchObject({ kind: 'rejected', stage: 'rcpt' });
    expect(session.room).toBe(1);
    expect(await session.send(message('b@example.jp'))).toMatchObject(accepted);
    await session.quit();
  });

  it('calls every transaction in flight undecided when the connection is lost, except those answered', async () => {
    const session = await openProven(
      ...whole(/<a@/),
      rset,
      ...whole(/<b@/),
      rset,
      ...whole(/<c@/),
      reply([...taken, '250 reset', '250 ok']),
      end(),
    );
    const all = ['a', 'b', 'c'].map((name) => session.send(message(`${name}@example.jp`)));
    expect(await Promise.all(all)).toMatchObject([accepted, lost, lost]);
    expect(session.suspect).toBeNull();
  });

  it('keeps a refusal that came before the connection was lost', async () => {
    const session = await openProven(
      ...whole(/<a@/),
      rset,
      ...whole(/<b@/),
      reply(['250 ok', '550 unknown']),
      end(),
    );
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([{ kind: 'rejected', stage: 'rcpt' }, lost]);
  });

  it('ends the session on 421; what was written behind it may have arrived', async () => {
    const session = await openProven(
      ...whole(/<a@/),
      rset,
      ...whole(/<b@/),
      reply(['421 4.7.0 enough']),
      stay(),
    );
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([{ kind: 'rejected', stage: 'mail' }, lost]);
    expect(session.suspect).toBeNull();
  });

  it('does not call one untried whose RSET is refused: its BDAT is written', async () => {
    const session = await openProven(
      ...whole(/<a@/),
      rset,
      ...whole(/<b@/),
      reply([...taken, '421 4.3.2 going down']),
      stay(),
    );
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([accepted, lost]);
  });
});

describe('a server that offers CHUNKING and cannot keep to it', () => {
  it('BDAT is unknown: nothing arrived', async () => {
    const session = await open(
      ...whole(/<a@/),
      reply(['250 ok', '250 ok', '502 5.5.2 unknown command', '500 5.5.2 To:?', '500 5.5.2 what?']),
      stay(),
    );
    expect(await session.send(message('a@example.jp'))).toMatchObject({
      kind: 'broken',
      mayHaveArrived: false,
      failure: { origin: 'remote', stage: 'eom', reply: { code: 502 } },
    });
    expect(session.suspect).toBe('chunking');
  });

  it('the body of a refused BDAT is read as commands', async () => {
    const session = await openProven(
      ...whole(/<a@/),
      rset,
      ...whole(/<b@/),
      reply(['250 ok', '550 unknown', '502 no recipients', '500 To:?', '500 hello?', '250 reset', ...taken]),
      stay(),
    );
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([{ kind: 'rejected', stage: 'rcpt' }, lost]);
    expect(session.suspect).toBe('chunking');
  });

  it('the same with nothing behind it', async () => {
    const session = await open(
      ...whole(/<a@/),
      reply(['250 ok', '550 unknown', '502 no recipients', '500 To:?', '500 hello?']),
      stay(),
    );
    const ended = new Promise<void>((resolve) => session.onChange(() => (session.usable ? null : resolve())));
    expect(await session.send(message('a@example.jp'))).toMatchObject({ kind: 'rejected', stage: 'rcpt' });
    await ended;
    expect(session.suspect).toBe('chunking');
  });

  it('a BDAT is taken although its MAIL was refused: undecided, it may have gone to somebody', async () => {
    const session = await open(...whole(/<a@/), reply(['503 nested', '250 ok', '250 taken']), stay());
    expect(await session.send(message('a@example.jp'))).toMatchObject(lost);
    expect(session.suspect).toBe('chunking');
  });

  it('hangs up on the first BDAT', async () => {
    const session = await open(...whole(/<a@/), reply(['250 ok', '250 ok']), end());
    expect(await session.send(message('a@example.jp'))).toMatchObject(lost);
    expect(session.suspect).toBe('chunking');
  });
});

describe('BDAT is left alone', () => {
  const usual: readonly PeerStep[] = [
    ...envelope(/<a@/),
    reply(['250 ok', '250 ok', '354 go']),
    body(),
    reply('250 taken'),
    ...quit,
  ];

  it.each([
    ['unless asked for', chunking, {}],
    ['where it is not offered', pipelining, { chunking: true }],
  ])('%s', async (_name, greeting, options) => {
    peer = await startSmtpPeer([...greeting, ...usual]);
    const session = await openSession(peer.port, systemClock, options);
    expect(session.room).toBe(8);
    expect(await session.send(message('a@example.jp'))).toMatchObject(accepted);
    await session.quit();
  });

  it('without PIPELINING', async () => {
    peer = await startSmtpPeer([
      ...chunking,
      expectLine(/^MAIL/),
      reply('250 ok'),
      expectLine(/^RCPT/),
      reply('250 ok'),
      expectLine(/^DATA/),
      reply('354 go'),
      body(),
      reply('250 taken'),
      ...quit,
    ]);
    const result = await dial(dialOptions(peer.port, { chunking: true, pipelining: false }));
    if (!result.ok) throw new Error('no session');
    expect(await result.session.send(message('a@example.jp'))).toMatchObject(accepted);
    await result.session.quit();
  });
});
