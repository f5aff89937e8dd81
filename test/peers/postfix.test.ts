import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postfixMissing, startPostfix } from '../../bench/postfix-instance.ts';
import type { PostfixInstance } from '../../bench/postfix-instance.ts';
import { startSink } from '../../simulator/sink.ts';
import type { Sink } from '../../simulator/sink.ts';
import { systemClock } from '../../src/base/index.ts';
import type { TransactionResult } from '../../src/net/smtp-client/index.ts';
import { requirePeer } from '../support/peer.ts';
import { message, openSession } from '../support/smtp-dialing.ts';

// An instance of its own needs root, which a desk rarely has.
const missing = requirePeer('postfix') ? postfixMissing(false) : 'Postfix is missing';
if (missing !== null) console.warn(`SKIPPED, ${missing}`);

const expected = 70;
const isUnknown = (n: number): boolean => n % 7 === 3;
// What Postfix would otherwise add behind the header.
const fields = 'Date: Fri, 2 Jan 2026 00:00:00 +0000\r\nFrom: b@example.com\r\nMessage-ID:';
// Every line of the text would be a command, if the text were read as commands.
const textFor = (n: number): string =>
  `Subject: ${n}\r\n\r\nRSET\r\n.\r\n..\r\nMAIL FROM:<x@example.com>\r\n`;

describe.skipIf(missing !== null)('Postfix', () => {
  const arrived: string[] = [];
  let folder: string;
  let sink: Sink;
  let postfix: PostfixInstance;
  let complete: PromiseWithResolvers<void>;

  beforeEach(async () => {
    arrived.length = 0;
    complete = Promise.withResolvers();
    folder = mkdtempSync(join(tmpdir(), 'todoku-postfix-'));
    // Postfix drops its rights: the way to its folders has to be open.
    chmodSync(folder, 0o755);
    const own = join(folder, 'postfix');
    mkdirSync(own);
    sink = await startSink({
      mode: 'counts',
      content: true,
      onMessage: ({ from, recipients, content }) => {
        const text = content?.toString() ?? '';
        arrived.push(`${from} ${recipients.join()} ${text.slice(text.indexOf('Subject:'))}`);
        if (arrived.length >= expectedArrivals().length) complete.resolve();
      },
    });
    const unknown = 'check_recipient_access inline:{unknown@example.jp=REJECT}';
    postfix = await startPostfix({
      folder: own,
      relayPort: sink.port,
      keyFile: null,
      settings: [
        `smtpd_recipient_restrictions = ${unknown}, permit`,
        'smtpd_relay_restrictions = permit_mynetworks, reject',
      ],
    });
  }, 30_000);

  afterEach(async () => {
    postfix.stop();
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['DATA', false, 8],
    ['BDAT, four transactions in flight', true, 4],
  ])(
    'takes each message once by %s, and refuses what it refuses',
    async (_name, chunking, most) => {
      const session = await openSession(postfix.port, systemClock, { chunking });
      const results: Promise<TransactionResult>[] = [];
      let mostRoom = 0;
      const refill = (): void => {
        mostRoom = Math.max(mostRoom, session.room);
        while (session.room > 0 && results.length < expected) {
          const n = results.length;
          const to = isUnknown(n) ? 'unknown@example.jp' : `u${n}@example.jp`;
          const body = Buffer.from(`${fields} <${n}@example.com>\r\n${textFor(n)}`);
          results.push(session.send(message(to, { from: `b${n}@example.com`, body, dotSafe: false })));
        }
      };
      session.onChange(refill);
      refill();
      for (let n = 0; n < expected; n++) {
        const refused = { kind: 'rejected', stage: 'rcpt', reply: { code: 554 } };
        expect(await results[n]).toMatchObject(isUnknown(n) ? refused : { kind: 'accepted' });
      }
      await session.quit();
      await complete.promise;
      expect(mostRoom).toBe(most);
      expect(session.suspect).toBeNull();
      expect(arrived.toSorted()).toEqual(expectedArrivals());
    },
    30_000,
  );

  function expectedArrivals(): string[] {
    const all = Array.from({ length: expected }, (_, n) => n).filter((n) => !isUnknown(n));
    return all.map((n) => `b${n}@example.com u${n}@example.jp ${textFor(n)}`).toSorted();
  }
});
