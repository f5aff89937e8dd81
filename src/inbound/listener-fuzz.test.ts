import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificate } from '../../test/support/certificate.ts';
import { systemClock } from '../base/index.ts';
import { makeReturnPath } from '../protocol/return-path/index.ts';
import { createDestinations } from './destination.ts';
import { startListener } from './listener.ts';
import type { Listener } from './listener.ts';

const key = randomBytes(32);
const domain = 'bounce.example.jp';
const ours = makeReturnPath({ message: 7, domain, key });

let listener: Listener;
const troubles: unknown[] = [];
let taken = 0;

beforeAll(async () => {
  listener = await startListener({
    listen: { host: '127.0.0.1', port: 0 },
    hostname: 'mx.example.jp',
    tls: await makeCertificate('mx.example.jp'),
    destination: createDestinations({ returnPathDomains: [domain], domains: [], keys: [key] }),
    batch: {
      add: async () => {
        taken += 1;
        return await Promise.resolve('news' as const);
      },
      flush: () => {},
    },
    clock: systemClock,
    limits: {
      messageBytes: 5_000,
      connections: 100,
      connectionsPerClient: 100,
      mailsPerMinute: 1_000_000,
      recipients: 5,
      idleMs: 10_000,
      sessionMs: 10_000,
    },
    diagnose: null,
    onNews: () => {},
    onTrouble: (error) => troubles.push(error),
  });
});
afterAll(() => listener.close(0));

/** Says all of it after the greeting, then ends; what was answered. */
async function talk(said: Buffer, endWith: 'end' | 'reset'): Promise<string> {
  const socket = connect(listener.port, '127.0.0.1');
  let answers = '';
  socket.on('data', (chunk: Buffer) => (answers += chunk.toString('latin1')));
  socket.on('error', () => {});
  await once(socket, 'data');
  if (endWith === 'end') socket.end(said);
  else socket.write(said, () => socket.resetAndDestroy());
  await once(socket, 'close');
  return answers;
}

const line = fc.oneof(
  fc.constantFrom(
    'EHLO a',
    'HELO a',
    'MAIL FROM:<>',
    'MAIL FROM:<a@b> SIZE=99999999999999999999',
    'MAIL FROM:<a@b> BODY=BINARYMIME SMTPUTF8',
    `RCPT TO:<${ours}>`,
    'RCPT TO:<postmaster>',
    'RCPT TO:<@a,@b:c@d>',
    'DATA',
    'RSET',
    'BDAT 10 LAST',
    'STARTTLS',
    'AUTH PLAIN AAAA',
    'VRFY x',
    'XCLIENT ADDR=1.2.3.4',
    'QUIT',
    '.',
    '..',
    'Subject: x',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constant('x'.repeat(6_000)),
);
const ending = fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r', '');
const session = fc.array(fc.tuple(line, ending), { maxLength: 25 });

it('survives any session: answers in whole lines, and takes mail afterwards as before', async () => {
  await fc.assert(
    fc.asyncProperty(session, fc.constantFrom('end', 'reset'), async (lines, endWith) => {
      const answers = await talk(Buffer.from(lines.flat().join(''), 'latin1'), endWith);
      // After STARTTLS the rest is a handshake.
      if (answers.includes('220 Ready to start TLS')) return;
      expect(answers).toMatch(/^(?:\d{3}[ -][\x20-\x7e]*\r\n)*$/);
    }),
    { numRuns: 150 },
  );
  const before = taken;
  const mail = `EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<${ours}>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n`;
  expect(await talk(Buffer.from(mail), 'end')).toMatch(/250 2\.0\.0 Taken\r\n221 /);
  expect(taken).toBe(before + 1);
  expect(troubles).toEqual([]);
});
