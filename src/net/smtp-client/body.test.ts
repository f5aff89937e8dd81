import { afterEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../test/support/certificate.ts';
import { message, openSession } from '../../../test/support/smtp-dialing.ts';
import { body, deaf, expectLine, reply, startSmtpPeer, tls } from '../../../test/support/smtp-peer.ts';
import type { PeerStep, SmtpPeer } from '../../../test/support/smtp-peer.ts';
import { accepted, envelope, pipelining, quit } from '../../../test/support/smtp-scripts.ts';
import { systemClock } from '../../base/index.ts';
import type { SmtpSession } from './contract.ts';

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

  it('stay apart when several sessions write in the same turn, in the clear and under TLS', async () => {
    const secure = [
      reply('220 mx.example'),
      expectLine(/^EHLO/),
      reply(['250-mx.example', '250 STARTTLS']),
      expectLine(/^STARTTLS/),
      reply('220 go'),
      tls(await makeCertificate('mx.example')),
    ];
    const [, ...afterBanner] = pipelining;
    const two = [...envelope(/<\d@/), reply(['250 ok', '250 ok', '354 go']), body()];
    const rest = [reply('250 taken'), ...two, reply('250 taken'), ...quit];
    peer = await startSmtpPeer(
      [...secure, ...afterBanner, ...two, ...rest],
      [...pipelining, ...two, ...rest],
      [...secure, ...afterBanner, ...two, ...rest],
    );
    const modes = ['required', 'none', 'required'] as const;
    const sessions: SmtpSession[] = [];
    for (const mode of modes)
      sessions.push(await openSession(peer.port, systemClock, { tls: { mode, context: null } }));
    const texts = Array.from({ length: 6 }, (_, n) => `${String(n).repeat(998)}\r\n`.repeat(8));
    for (const round of [0, 3]) {
      const sent = sessions.map((session, at) =>
        session.send(message(`${round + at}@example.jp`, { body: Buffer.from(texts[round + at] ?? '') })),
      );
      expect(await Promise.all(sent)).toMatchObject([accepted, accepted, accepted]);
    }
    await Promise.all(sessions.map((session) => session.quit()));
    expect(peer.bodies.toSorted()).toEqual(texts);
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
