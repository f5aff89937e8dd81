import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock, settlePromises } from '../../../test/support/fake-clock.ts';
import { message, openSession } from '../../../test/support/smtp-dialing.ts';
import {
  body,
  end,
  expectLine,
  mark,
  reply,
  reset,
  startSmtpPeer,
  stay,
} from '../../../test/support/smtp-peer.ts';
import type { PeerStep, SmtpPeer } from '../../../test/support/smtp-peer.ts';
import { accepted, envelope, pipelining, plain } from '../../../test/support/smtp-scripts.ts';
import { systemClock } from '../../base/index.ts';
import type { SmtpSession, Suspect } from './contract.ts';
import { defaultTimeouts } from './timeouts.ts';

let peer: SmtpPeer;
let heard: Suspect[];
afterEach(() => peer.close());

async function open(greeting: readonly PeerStep[], steps: readonly PeerStep[]): Promise<SmtpSession> {
  heard = [];
  peer = await startSmtpPeer([...greeting, ...steps]);
  return openSession(peer.port, systemClock, { onSuspect: (suspect) => heard.push(suspect) });
}

const one: readonly PeerStep[] = [...envelope(/<a@/), reply(['250 ok', '250 ok', '354 go']), body()];

describe('a server that offers PIPELINING and cannot keep to it is suspect', () => {
  it.each([
    ['it hangs up on the first group', [expectLine(/^MAIL/), end()]],
    ['it resets the connection in the middle of one', [...envelope(/<a@/), reply('250 ok'), reset()]],
    ['it answers out of order', [...envelope(/<a@/), reply(['354 go', '250 ok', '250 ok']), stay()]],
    ['it answers with what is no reply', [...envelope(/<a@/), reply(['250 ok', 'ok']), stay()]],
    ['it hangs up when something stands behind the dot', [...one, expectLine(/^MAIL/), end()]],
  ])('%s', async (_name, steps) => {
    const session = await open(pipelining, steps);
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect((await Promise.all(both)).map(({ kind }) => kind)).toEqual(['broken', 'untried']);
    expect(session.suspect).toBe('pipelining');
    expect(heard).toEqual(['pipelining']);
  });

  it.each([
    ['reads one line of a group and loses the rest', [expectLine(/^MAIL/), reply('250 ok')], 'broken'],
    ['loses what stands behind a dot', [...one, reply('250 taken')], 'accepted'],
  ])('%s', async (_name, steps, kind) => {
    const clock = new FakeClock();
    peer = await startSmtpPeer([...pipelining, ...steps, mark('silent'), stay()]);
    const session = await openSession(peer.port, clock);
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    await peer.marked('silent');
    for (let turn = 0; turn < 3; turn++) await settlePromises();
    await clock.advance(defaultTimeouts.commandMs);
    const results = await Promise.all(both);
    expect(results[0]).toMatchObject({ kind });
    expect(results[1]?.kind).not.toBe('accepted');
    expect(session.suspect).toBe('pipelining');
  });
});

describe('nothing is suspect', () => {
  it.each([
    ['when it said why', pipelining, [...envelope(/<a@/), reply('421 too many'), end()]],
    ['when it refused first', pipelining, [...envelope(/<a@/), reply('550 not you'), end()]],
    ['step by step', plain, [expectLine(/^MAIL/), end()]],
    ['when it was closed after one message', pipelining, [...one, reply('250 taken'), end()]],
  ])('%s', async (_name, greeting, steps) => {
    const session = await open(greeting, steps);
    await session.send(message('a@example.jp'));
    const gone = new Promise<void>((resolve) => session.onChange(() => resolve()));
    if (session.usable) await gone;
    expect(session.suspect).toBeNull();
    expect(heard).toEqual([]);
  });

  it('when the connection was closed from here', async () => {
    const session = await open(pipelining, [...envelope(/<a@/), stay()]);
    const sent = session.send(message('a@example.jp'));
    session.destroy();
    expect((await sent).kind).toBe('broken');
    expect(session.suspect).toBeNull();
  });

  it('when a later group is lost', async () => {
    const session = await open(pipelining, [...one, ...envelope(/<b@/), reply('250 taken'), end()]);
    const both = [session.send(message('a@example.jp')), session.send(message('b@example.jp'))];
    expect(await Promise.all(both)).toMatchObject([accepted, { kind: 'untried' }]);
    expect(session.suspect).toBeNull();
  });
});
