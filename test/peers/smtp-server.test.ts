import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, expect, it } from 'vitest';
import type { SmtpSession, TransactionResult } from '../../src/net/smtp-client/index.ts';
import { message, openSession } from '../support/smtp-dialing.ts';

let server: SMTPServer;
afterEach(() => new Promise<void>((resolve) => server.close(resolve)));

it('delivers 500 messages over three connections to smtp-server, each exactly once', async () => {
  const received = new Map<string, string[]>();
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo: ({ address }, _session, done) => {
      done(/^7\d*@/.test(address) ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null);
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address).join();
        received.set(to, [...(received.get(to) ?? []), Buffer.concat(chunks).toString()]);
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server that listens has an AddressInfo.
  const { port } = server.server.address() as AddressInfo;

  const sessions = await Promise.all([openSession(port), openSession(port), openSession(port)]);
  expect(sessions.every(({ extensions }) => extensions.pipelining)).toBe(true);
  const queue = Array.from({ length: 500 }, (_, n) => `${n}@example.jp`);
  const results = new Map<string, Promise<TransactionResult>>();
  const textFor = (to: string): string =>
    `To: ${to}\r\n\r\n.a line with a dot\r\n${'x'.repeat(70)}\r\n`.repeat(1 + (Number.parseInt(to, 10) % 40));
  const refill = (session: SmtpSession): void => {
    while (session.room > 0) {
      const to = queue.shift();
      if (to === undefined) return;
      results.set(to, session.send(message(to, { body: Buffer.from(textFor(to)), dotSafe: false })));
    }
  };
  for (const session of sessions) {
    session.onChange(() => refill(session));
    refill(session);
  }
  for (const result of results.values()) await result;
  await Promise.all(sessions.map((session) => session.quit()));

  expect(results.size).toBe(500);
  for (const [to, result] of results) {
    const unknown = to.startsWith('7');
    expect(await result).toMatchObject(unknown ? { kind: 'rejected', stage: 'rcpt' } : { kind: 'accepted' });
    expect(received.get(to) ?? []).toEqual(unknown ? [] : [textFor(to)]);
  }
});
