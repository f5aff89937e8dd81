import { afterEach, describe, expect, it } from 'vitest';
import { message, openSession } from '../../../test/support/smtp-dialing.ts';
import {
  body,
  end,
  expectLine,
  hold,
  mark,
  reply,
  startSmtpPeer,
  stay,
} from '../../../test/support/smtp-peer.ts';
import type { SmtpPeer } from '../../../test/support/smtp-peer.ts';
import { accepted, envelope, pipelining, plain, quit } from '../../../test/support/smtp-scripts.ts';

let peer: SmtpPeer;
afterEach(() => peer.close());

describe('without PIPELINING', () => {
  it('goes step by step, one transaction at a time', async () => {
    peer = await startSmtpPeer([
      ...plain,
      expectLine(/^MAIL FROM:<sender@example\.com>$/),
      reply('250 ok'),
      expectLine(/^RCPT TO:<"a\.\.b"@docomo\.ne\.jp>$/),
      reply('250 ok'),
      expectLine(/^DATA$/),
      reply('354 go'),
      body(),
      reply('250 taken'),
      ...quit,
    ]);
    const session = await openSession(peer.port);
    expect(session.room).toBe(1);
    const result = session.send(message('a..b@docomo.ne.jp'));
    expect(session.room).toBe(0);
    expect(await result).toMatchObject(accepted);
    await session.quit();
  });

  it('resets after a refused RCPT, not after a refused MAIL', async () => {
    peer = await startSmtpPeer([
      ...plain,
      expectLine(/^MAIL/),
      reply('450 not now'),
      expectLine(/^MAIL/),
      reply('250 ok'),
      expectLine(/^RCPT/),
      reply('550 unknown'),
      expectLine(/^RSET$/),
      reply('250 ok'),
      expectLine(/^MAIL/),
      reply('250 ok'),
      expectLine(/^RCPT/),
      reply('250 ok'),
      expectLine(/^DATA/),
      reply('452 full'),
      ...quit,
    ]);
    const session = await openSession(peer.port);
    expect(await session.send(message())).toMatchObject({ kind: 'rejected', stage: 'mail' });
    expect(await session.send(message())).toMatchObject({ kind: 'rejected', stage: 'rcpt' });
    expect(await session.send(message())).toMatchObject({
      kind: 'rejected',
      stage: 'data',
      reply: { code: 452 },
    });
    await session.quit();
  });

  it('ends the session when two replies come to one command', async () => {
    peer = await startSmtpPeer([...plain, expectLine(/^MAIL/), reply(['250 ok', '250 ok']), stay()]);
    const session = await openSession(peer.port);
    expect(await session.send(message())).toMatchObject({
      kind: 'broken',
      mayHaveArrived: false,
      failure: { cause: 'reply-malformed' },
    });
  });
});

describe('between transactions', () => {
  it.each([
    ['a 421', [reply('421 idle too long'), stay()]],
    ['the end of the connection', [end()]],
    ['a reply that nothing asked for', [reply('250 hello?'), stay()]],
  ])('notices %s', async (_name, steps) => {
    peer = await startSmtpPeer([...pipelining, hold('go'), ...steps]);
    const session = await openSession(peer.port);
    const gone = new Promise<void>((resolve) => session.onChange(resolve));
    peer.release('go');
    await gone;
    expect(session.usable).toBe(false);
    expect(await session.send(message())).toMatchObject({ kind: 'untried' });
    await session.quit();
  });

  it('starts nothing while something unasked is there already', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '550 no', '503 no', '421 and good bye']),
      stay(),
    ]);
    const session = await openSession(peer.port);
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([
      { kind: 'rejected', stage: 'rcpt' },
      { kind: 'untried', failure: { origin: 'remote', reply: { code: 421 } } },
    ]);
  });

  it('finishes what is under way before QUIT', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      mark('envelope'),
      hold('go'),
      reply(['250 ok', '250 ok', '354 go']),
      body(),
      reply('250 taken'),
      ...quit,
    ]);
    const session = await openSession(peer.port);
    const result = session.send(message('a@example.jp'));
    await peer.marked('envelope');
    const done = session.quit();
    expect(session.room).toBe(0);
    peer.release('go');
    expect(await result).toMatchObject(accepted);
    await done;
  });

  it('ends transactions under way when destroyed', async () => {
    peer = await startSmtpPeer([...pipelining, ...envelope(/<a@/), mark('envelope'), stay()]);
    const session = await openSession(peer.port);
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    await peer.marked('envelope');
    session.destroy();
    expect(await Promise.all(both)).toMatchObject([
      { kind: 'broken', mayHaveArrived: false },
      { kind: 'untried' },
    ]);
  });
});
