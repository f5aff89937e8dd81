import { afterEach, describe, expect, it } from 'vitest';
import { message, openSession } from '../../../test/support/smtp-dialing.ts';
import {
  body,
  end,
  expectLine,
  hold,
  mark,
  reply,
  reset,
  startSmtpPeer,
  stay,
} from '../../../test/support/smtp-peer.ts';
import type { SmtpPeer } from '../../../test/support/smtp-peer.ts';
import { accepted, envelope, pipelining, quit } from '../../../test/support/smtp-scripts.ts';

let peer: SmtpPeer;
afterEach(() => peer.close());

describe('with PIPELINING', () => {
  it('sends the envelope in one group, then the body, then QUIT', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/^RCPT TO:<taro@example\.jp>$/),
      reply(['250 ok', '250 ok', '354 go']),
      body(),
      reply('250 2.0.0 queued as 1'),
      ...quit,
    ]);
    const session = await openSession(peer.port);
    expect(session.extensions).toMatchObject({ pipelining: true, eightBitMime: true, startTls: false });
    expect(session.room).toBe(8);
    const result = await session.send(message());
    expect(result).toEqual({
      kind: 'accepted',
      reply: { code: 250, status: '2.0.0', lines: ['2.0.0 queued as 1'] },
    });
    await session.quit();
    expect(peer.bodies).toEqual(['To: taro@example.jp\r\n\r\nhello\r\n']);
    expect(session.usable).toBe(false);
  });

  it('puts the next envelope behind the dot, before its reply', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok', '354 go']),
      body(),
      // Nothing is answered before the next envelope is there.
      ...envelope(/<b@/),
      reply(['250 a taken', '250 ok', '250 ok', '354 go']),
      body(),
      reply('250 b taken'),
      ...quit,
    ]);
    const session = await openSession(peer.port);
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(session.room).toBe(6);
    expect(await Promise.all(both)).toMatchObject([
      { kind: 'accepted', reply: { lines: ['a taken'] } },
      { kind: 'accepted', reply: { lines: ['b taken'] } },
    ]);
    await session.quit();
  });

  it('sends the envelope of a transaction that comes after the dot at once', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok', '354 go']),
      body(),
      mark('body'),
      ...envelope(/<b@/),
      reply(['250 ok', '550 no b', '503 no', '550 no b']),
      stay(),
    ]);
    const session = await openSession(peer.port);
    const first = session.send(message('a@example.jp'));
    await peer.marked('body');
    const second = session.send(message('b@example.jp'));
    expect(await first).toMatchObject(accepted);
    session.destroy();
    expect((await second).kind).not.toBe('accepted');
  });

  it('refills from onChange: a transaction sent there is part of the next write', async () => {
    const group = ['250 ok', '250 ok', '354 go'];
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<0@/),
      reply(group),
      body(),
      ...envelope(/<1@/),
      reply(['250 taken', ...group]),
      body(),
      ...envelope(/<2@/),
      reply(['250 taken', ...group]),
      body(),
      reply('250 taken'),
      ...quit,
    ]);
    const session = await openSession(peer.port);
    const results: Promise<unknown>[] = [];
    const refill = (): void => {
      while (session.room > 0 && results.length < 3)
        results.push(session.send(message(`${results.length}@x.jp`)));
    };
    session.onChange(refill);
    refill();
    await results[0];
    expect(await Promise.all(results)).toMatchObject([accepted, accepted, accepted]);
    await session.quit();
  });

  it.each([
    ['MAIL', ['550 5.7.1 not you', '503 no MAIL', '503 no RCPT'], 'mail', 550, ''],
    ['RCPT', ['250 ok', '550 5.1.1 unknown', '554 no recipients'], 'rcpt', 550, 'RSET'],
    ['DATA', ['250 ok', '250 ok', '451 later'], 'data', 451, 'RSET'],
  ])('takes a refused %s with its followers and goes on', async (_name, replies, stage, code, resetLine) => {
    const second = resetLine === '' ? [] : [expectLine(/^RSET$/)];
    const resetReply = resetLine === '' ? [] : ['250 reset'];
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(replies),
      ...second,
      ...envelope(/<b@/),
      reply([...resetReply, '250 ok', '250 ok', '354 go']),
      body(),
      reply('250 taken'),
      ...quit,
    ]);
    const session = await openSession(peer.port);
    const first = session.send(message('a@example.jp'));
    const next = session.send(message('b@example.jp'));
    expect(await first).toMatchObject({ kind: 'rejected', stage, reply: { code } });
    expect(await next).toMatchObject(accepted);
    await session.quit();
  });

  it('resets after a refused follower whose MAIL was taken', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok', '354 go']),
      body(),
      ...envelope(/<b@/),
      reply(['250 a taken', '250 ok', '550 no b', '503 no']),
      expectLine(/^RSET$/),
      ...envelope(/<c@/),
      reply(['250 reset', '250 ok', '250 ok', '354 go']),
      body(),
      reply('250 c taken'),
      ...quit,
    ]);
    const session = await openSession(peer.port);
    const first = session.send(message('a@example.jp'));
    const second = session.send(message('b@example.jp'));
    expect(await first).toMatchObject(accepted);
    const third = session.send(message('c@example.jp'));
    expect(await second).toMatchObject({ kind: 'rejected', stage: 'rcpt', reply: { code: 550 } });
    expect(await third).toMatchObject(accepted);
    await session.quit();
  });

  it('ends with the dot alone a DATA that is taken without a recipient', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '550 no such user', '354 go anyway']),
      body(),
      ...envelope(/<b@/),
      reply(['250 took nothing', '250 ok', '250 ok', '354 go']),
      body(),
      reply('250 taken'),
      ...quit,
    ]);
    const session = await openSession(peer.port);
    const first = session.send(message('a@example.jp'));
    const second = session.send(message('b@example.jp'));
    expect(await first).toMatchObject({ kind: 'rejected', stage: 'rcpt', reply: { code: 550 } });
    expect(await second).toMatchObject(accepted);
    expect(peer.bodies[0]).toBe('');
    await session.quit();
  });

  it.each([
    [
      'after the dot',
      '554 5.7.1 spam',
      { kind: 'rejected', stage: 'eom', reply: { code: 554, status: '5.7.1' } },
    ],
    ['for now', '451 4.7.1 greylisted', { kind: 'rejected', stage: 'eom', reply: { code: 451 } }],
    ['with a reply that has no meaning there', '354 more?', { kind: 'broken', mayHaveArrived: true }],
  ])('takes a refusal %s', async (_name, line, expected) => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok', '354 go']),
      body(),
      reply(line),
      stay(),
    ]);
    const session = await openSession(peer.port);
    expect(await session.send(message('a@example.jp'))).toMatchObject(expected);
    session.destroy();
  });

  it('calls a connection lost after the dot undecided, and its follower untried', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok', '354 go']),
      body(),
      end(),
    ]);
    const session = await openSession(peer.port);
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([
      {
        kind: 'broken',
        mayHaveArrived: true,
        failure: { origin: 'local', stage: 'eom', cause: 'connection-lost' },
      },
      { kind: 'untried', failure: { cause: 'connection-lost' } },
    ]);
    expect(session.usable).toBe(false);
    expect(session.room).toBe(0);
  });

  it('calls a follower untried when the server hangs up after the one before', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok', '354 go']),
      body(),
      reply('250 one is enough'),
      end(),
    ]);
    const session = await openSession(peer.port);
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([accepted, { kind: 'untried' }]);
  });

  it.each([
    ['reset', reset()],
    ['closed', end()],
  ])('calls a connection %s before the 354 broken, not arrived', async (_name, how) => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok']),
      hold('go'),
      how,
    ]);
    const session = await openSession(peer.port);
    const result = session.send(message('a@example.jp'));
    peer.release('go');
    expect(await result).toMatchObject({
      kind: 'broken',
      mayHaveArrived: false,
      failure: { stage: 'data', cause: 'connection-lost' },
    });
  });

  it.each([
    ['mail', ['421 4.7.0 too many']],
    ['rcpt', ['250 ok', '421 4.7.0 too many']],
    ['data', ['250 ok', '250 ok', '421 4.7.0 too many']],
  ])('ends the session on 421 to %s', async (stage, replies) => {
    peer = await startSmtpPeer([...pipelining, ...envelope(/<a@/), reply(replies), stay()]);
    const session = await openSession(peer.port);
    let changes = 0;
    session.onChange(() => (changes += 1));
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([
      { kind: 'rejected', stage, reply: { code: 421 } },
      { kind: 'untried', failure: { origin: 'remote', reply: { code: 421 } } },
    ]);
    expect(session.usable).toBe(false);
    expect(changes).toBe(1);
  });

  it('ends the session on 421 to the dot', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok', '354 go']),
      body(),
      reply('421 4.3.2 shutting down'),
      stay(),
    ]);
    const session = await openSession(peer.port);
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([
      { kind: 'rejected', stage: 'eom', reply: { code: 421 } },
      { kind: 'untried' },
    ]);
  });

  it('does not take replies for decisions that came before the command they would answer', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok', '354 go', '250 taken although not sent']),
      stay(),
    ]);
    const session = await openSession(peer.port);
    expect(await session.send(message('a@example.jp'))).toMatchObject({
      kind: 'broken',
      mayHaveArrived: false,
      failure: { cause: 'reply-malformed' },
    });
  });

  it.each([
    ['250 for DATA', ['250 ok', '250 ok', '250 ok'], 'reply-malformed'],
    ['354 for MAIL', ['354 go'], 'reply-malformed'],
    ['354 for RCPT', ['250 ok', '354 go'], 'reply-malformed'],
    ['no reply at all', ['HTTP/1.1 400 Bad Request'], 'reply-malformed'],
  ])('ends the session on %s', async (_name, replies, cause) => {
    peer = await startSmtpPeer([...pipelining, ...envelope(/<a@/), reply(replies), stay()]);
    const session = await openSession(peer.port);
    const result = await session.send(message('a@example.jp'));
    expect(result).toMatchObject({
      kind: 'broken',
      mayHaveArrived: false,
      failure: { origin: 'local', cause },
    });
  });

  it('refuses a reset that is refused: what comes behind was never tried', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '550 unknown', '503 no']),
      expectLine(/^RSET$/),
      reply('502 no reset here'),
      stay(),
    ]);
    const session = await openSession(peer.port);
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([
      { kind: 'rejected', stage: 'rcpt' },
      { kind: 'untried', failure: { origin: 'remote', stage: 'session', reply: { code: 502 } } },
    ]);
  });
});
