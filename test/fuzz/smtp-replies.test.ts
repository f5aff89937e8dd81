import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { dial } from '../../src/net/smtp-client/index.ts';
import { dialOptions, message } from '../support/smtp-dialing.ts';
import { bdat, body, end, expectLine, reply, sendBytes, startSmtpPeer } from '../support/smtp-peer.ts';
import type { PeerStep } from '../support/smtp-peer.ts';

const meaningful = [
  '220 hi',
  '250 ok',
  '250-more',
  '354 go',
  '421 bye',
  '450 later',
  '550 5.1.1 no',
  '299 odd',
];
const odd = ['', 'nonsense', '250', '25', '250_x', '999 z', '333 x', '250 PIPELINING', '250 STARTTLS'];
const line = fc.constantFrom(...meaningful, ...odd);
const chunk = fc.oneof(
  { weight: 4, arbitrary: line.map((text) => Buffer.from(`${text}\r\n`)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: line.map((text) => Buffer.from(`${text}\n`)) },
);
const chunks = fc.array(chunk, { maxLength: 12 });

/** Runs a dialog against the script: dials, sends three messages when it can; gives every result. */
async function runDialog(script: readonly PeerStep[], chunking = false): Promise<string[]> {
  const peer = await startSmtpPeer(script);
  try {
    const dialled = await dial(
      dialOptions(peer.port, { tls: { mode: 'opportunistic', context: null }, chunking }),
    );
    if (!dialled.ok) return ['undialled'];
    const { session } = dialled;
    const results: Promise<{ readonly kind: string }>[] = [];
    const fill = (): void => {
      while (session.room > 0 && results.length < 3)
        results.push(session.send(message(`${results.length}@x.jp`)));
    };
    session.onChange(fill);
    fill();
    // Each ends by itself: the script is over at some time, and then the connection.
    for (let n = 0; n < results.length; n++) await results[n];
    await session.quit();
    return (await Promise.all(results)).map(({ kind }) => kind);
  } finally {
    // The script says what may come; the faults of a fuzzed one mean nothing.
    await peer.close().catch(() => {});
  }
}

it('arbitrary bytes end the session, never the process, and deliver nothing', async () => {
  await fc.assert(
    fc.asyncProperty(chunks, async (sent) => {
      // Everything is sent at once, before any body is written: whatever it says, it cannot answer a dot.
      const kinds = await runDialog([sendBytes(Buffer.concat(sent)), end()]);
      expect(kinds).not.toContain('accepted');
    }),
    { numRuns: 150 },
  );
});

it('bytes at odd moments of a dialog deliver nothing without a 2xx to the dot', async () => {
  const greeting = [reply('220 hi'), expectLine(/^EHLO/), reply(['250-mx', '250 PIPELINING'])];
  await fc.assert(
    fc.asyncProperty(chunks, async (sent) => {
      // Everything comes after the envelope and before the script reads any body.
      const script = [...greeting, expectLine(/^MAIL/), expectLine(/^RCPT/), expectLine(/^DATA/)];
      const bytes = Buffer.concat(sent);
      const kinds = await runDialog([...script, sendBytes(bytes), end()]);
      expect(kinds).not.toContain('accepted');
    }),
    { numRuns: 150 },
  );
});

it('whatever is replied to each command, delivered means 250 250 354 250', async () => {
  const greeting = [reply('220 hi'), expectLine(/^EHLO/), reply(['250-mx', '250 PIPELINING'])];
  const answer = fc.constantFrom(
    '250 ok',
    '250 ok',
    '250 ok',
    '354 go',
    '354 go',
    '450 no',
    '550 no',
    '421 bye',
  );
  await fc.assert(
    fc.asyncProperty(fc.tuple(answer, answer, answer, answer), async (codes) => {
      const [mail, rcpt, data, dot] = codes;
      const envelope = [expectLine(/^MAIL/), expectLine(/^RCPT/), expectLine(/^DATA/)];
      // A dot comes after every 354 to DATA, unless something before made the client leave.
      const left = [mail, rcpt].some((text) => text.startsWith('421') || text.startsWith('354'));
      const rest = data.startsWith('354') && !left ? [body(), reply(dot)] : [];
      const kinds = await runDialog([...greeting, ...envelope, reply([mail, rcpt, data]), ...rest, end()]);
      const good = codes.join() === '250 ok,250 ok,354 go,250 ok';
      expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(good ? 1 : 0);
    }),
    { numRuns: 200 },
  );
});

it('whatever is replied with BDAT, delivered means 250 250 250, and nothing that was written counts as untried', async () => {
  const greeting = [
    reply('220 hi'),
    expectLine(/^EHLO/),
    reply(['250-mx', '250-PIPELINING', '250 CHUNKING']),
  ];
  const transaction = [expectLine(/^MAIL/), expectLine(/^RCPT/), bdat()];
  const answer = fc.constantFrom(
    '250 ok',
    '250 ok',
    '250 ok',
    '250 ok',
    '354 go',
    '450 no',
    '503 no',
    '421 bye',
  );
  const answers = fc.array(answer, { maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(answers, async (replies) => {
      const kinds = await runDialog(
        [
          ...greeting,
          ...transaction,
          reply(['250 ok', '250 ok', '250 taken']),
          ...transaction,
          expectLine(/^RSET/),
          ...transaction,
          reply(replies),
          end(),
        ],
        true,
      );
      const isTaken = (from: number, to: number): boolean =>
        replies.length >= to && replies.slice(from, to).every((text) => text.startsWith('250'));
      const [first, second, third] = kinds;
      expect(first).toBe('accepted');
      expect(second === 'accepted').toBe(isTaken(0, 3));
      // The third is only heard of while the session goes on: a refusal of the second is fine, nonsense is not.
      if (third === 'accepted') expect(isTaken(3, 7)).toBe(true);
      expect([second, third]).not.toContain('untried');
    }),
    { numRuns: 200 },
  );
});
