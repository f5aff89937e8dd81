import { afterEach, describe, expect, it } from 'vitest';
import { message, openSession } from '../../../test/support/smtp-dialing.ts';
import { body, deaf, reply, startSmtpPeer } from '../../../test/support/smtp-peer.ts';
import type { PeerStep, SmtpPeer } from '../../../test/support/smtp-peer.ts';
import { accepted, envelope, pipelining, quit } from '../../../test/support/smtp-scripts.ts';

let peer: SmtpPeer;
afterEach(() => peer.close());

describe('bodies', () => {
  const receive: PeerStep[] = [
    ...pipelining,
    ...envelope(/<a@/),
    reply(['250 ok', '250 ok', '354 go']),
    body(),
    reply('250 taken'),
    ...quit,
  ];

  it.each([
    ['dots', '.\r\n..\r\n.a\r\nb.\r\n', false],
    ['no line end', 'abc', true],
    ['nothing', '', true],
    ['17 KB', `${'x'.repeat(998)}\r\n`.repeat(17), true],
    ['300 KB', `${'y'.repeat(998)}\r\n`.repeat(300), true],
    ['300 KB of dots', `.${'z'.repeat(997)}\r\n`.repeat(300), false],
  ])('arrive whole: %s', async (_name, text, dotSafe) => {
    peer = await startSmtpPeer(receive);
    const session = await openSession(peer.port);
    const result = await session.send(message('a@example.jp', { body: Buffer.from(text), dotSafe }));
    expect(result).toMatchObject(accepted);
    await session.quit();
    expect(peer.bodies[0]).toBe(text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`);
  });

  it('stop when the server refuses in the middle', async () => {
    peer = await startSmtpPeer([
      ...pipelining,
      ...envelope(/<a@/),
      reply(['250 ok', '250 ok', '354 go']),
      reply('552 5.3.4 too big'),
      deaf(),
    ]);
    const session = await openSession(peer.port);
    const large = Buffer.alloc(32 * 1024 * 1024, 'x');
    const both = [
      session.send(message('a@example.jp', { body: large })),
      session.send(message('b@example.jp')),
    ];
    expect(await Promise.all(both)).toMatchObject([
      { kind: 'rejected', stage: 'data', reply: { code: 552 } },
      { kind: 'untried' },
    ]);
  });
});
