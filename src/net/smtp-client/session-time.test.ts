import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock, settlePromises } from '../../../test/support/fake-clock.ts';
import { message, openSession } from '../../../test/support/smtp-dialing.ts';
import { body, deaf, expectLine, mark, reply, startSmtpPeer, stay } from '../../../test/support/smtp-peer.ts';
import type { SmtpPeer } from '../../../test/support/smtp-peer.ts';
import { envelope, pipelining } from '../../../test/support/smtp-scripts.ts';
import { defaultTimeouts } from './timeouts.ts';

let peer: SmtpPeer;
afterEach(() => peer.close());

describe('time limits', () => {
  it.each([
    ['mail', [], defaultTimeouts.commandMs, false],
    ['rcpt', [reply('250 ok')], defaultTimeouts.commandMs, false],
    ['data', [reply(['250 ok', '250 ok'])], defaultTimeouts.dataMs, false],
    ['eom', [reply(['250 ok', '250 ok', '354 go']), body()], defaultTimeouts.eomMs, true],
  ])('waits for the reply to %s as long as RFC 5321 says', async (stage, steps, limitMs, mayHaveArrived) => {
    peer = await startSmtpPeer([...pipelining, ...envelope(/<a@/), ...steps, mark('silent'), stay()]);
    const clock = new FakeClock();
    const session = await openSession(peer.port, clock);
    let settled = false;
    const result = session.send(message('a@example.jp')).finally(() => (settled = true));
    await peer.marked('silent');
    // Turns of the loop in which the client reads what the peer has written.
    for (let turn = 0; turn < 3; turn++) await settlePromises();
    await clock.advance(limitMs - 1);
    expect(settled).toBe(false);
    await clock.advance(1);
    expect(await result).toMatchObject({
      kind: 'broken',
      mayHaveArrived,
      failure: { origin: 'local', stage, cause: 'reply-timeout' },
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up on a receiver that does not take the body', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok', '354 go']),
      mark('354'),
      deaf(),
    ]);
    const clock = new FakeClock();
    const session = await openSession(peer.port, clock);
    const large = Buffer.alloc(32 * 1024 * 1024, 'x');
    let result: unknown = null;
    const sent = session.send(message('a@example.jp', { body: large })).then((value) => (result = value));
    await peer.marked('354');
    for (let turn = 0; turn < 3; turn++) await settlePromises();
    // Time passes until the kernel takes no more; each piece that it takes moves the limit.
    while (result === null) await clock.advance(defaultTimeouts.blockMs);
    await sent;
    expect(result).toMatchObject({
      kind: 'broken',
      mayHaveArrived: false,
      failure: { stage: 'data', cause: 'reply-timeout' },
    });
  });

  it('does not wait long for the reply to QUIT', async () => {
    peer = await startSmtpPeer([...pipelining, expectLine(/^QUIT/), mark('quit'), stay()]);
    const clock = new FakeClock();
    const session = await openSession(peer.port, clock);
    const done = session.quit();
    await peer.marked('quit');
    await clock.advance(2_000);
    await done;
    expect(clock.pendingTimers).toBe(0);
  });
});
