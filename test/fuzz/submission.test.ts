import fc from 'fast-check';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseMailboxList } from '../../src/protocol/message/index.ts';
import { authPlain, openSubmissionWorld, tokens } from '../support/submission-world.ts';
import type { SubmissionWorld } from '../support/submission-world.ts';

// `FUZZ_DIALOGUES=100000 npx vitest run test/fuzz/submission.test.ts` is the long run.
const dialogues = Number(process.env['FUZZ_DIALOGUES'] ?? 1_500);

let world: SubmissionWorld;
beforeAll(
  async () => (world = await openSubmissionWorld({ clearLoopback: true, limits: { messageBytes: 5_000 } })),
);
afterAll(async () => await world.listener.stop(0));

const pieces = [
  'EHLO a\r\n',
  'HELO a\r\n',
  `${authPlain(tokens.shop)}\r\n`,
  `${authPlain(tokens.all)}\r\n`,
  'AUTH LOGIN\r\n',
  '*\r\n',
  'MAIL FROM:<app@shop.example>\r\n',
  'MAIL FROM:<> BODY=8BITMIME SMTPUTF8\r\n',
  'MAIL FROM:<x@bank.example> RET=FULL ENVID=a+2Bb SIZE=10\r\n',
  'RCPT TO:<a@example.org>\r\n',
  'RCPT TO:<"a b"@example.org> NOTIFY=NEVER ORCPT=rfc822;x\r\n',
  'RCPT TO:<@b.example:a%c@example.org>\r\n',
  'DATA\r\n',
  'From: app@shop.example\r\n',
  'From: ceo@bank.example\r\n',
  'To: "x" <y@z.example>, g: a@b.example;\r\n',
  'Bcc: secret@example.org\r\n',
  'Todoku-Stream: bulk\r\nTodoku-Tags: a,b\r\n',
  'Subject: 件名\r\n',
  '\r\n',
  'text\r\n',
  '.\r\n',
  '\n.\n',
  '\r.\r',
  '..\r\n',
  '\0',
  '\xff\xfe\x80',
  'x'.repeat(1_200),
  'RSET\r\n',
  'NOOP\n',
  'STARTTLS\r\n',
  'BDAT 5 LAST\r\nhello',
  'QUIT\r\n',
  'VRFY a\r\n',
  'GET / HTTP/1.1\r\n',
];
const whole = [
  'EHLO a\r\n',
  `${authPlain(tokens.shop)}\r\n`,
  'MAIL FROM:<app@shop.example>\r\n',
  'RCPT TO:<a@example.org>\r\n',
  'DATA\r\n',
  'From: app@shop.example\r\n',
  '\r\n',
  'text\r\n',
  '.\r\n',
];
const dialogue = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 25 }),
  // A right dialogue with something in it, which gets further.
  fc
    .array(fc.tuple(fc.nat({ max: whole.length }), fc.constantFrom(...pieces)), { maxLength: 4 })
    .map((extra) => {
      const lines = [...whole];
      for (const [at, piece] of extra) lines.splice(at, 0, piece);
      return lines;
    }),
);

/** Everything the server says until it closes; the client closes its side behind its last words. */
async function converse(octets: Buffer, cuts: readonly number[]): Promise<string> {
  const socket = connect(world.ports.starttls, '127.0.0.1');
  const chunks: Buffer[] = [];
  // Reset by the server: what it said before counts.
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk)).on('error', () => undefined);
  const closed = once(socket, 'close').catch(() => undefined);
  await once(socket, 'data');
  let from = 0;
  for (const cut of [
    ...cuts.map((share) => Math.floor((share / 100) * octets.length)),
    octets.length,
  ].toSorted((a, b) => a - b)) {
    socket.write(octets.subarray(from, cut));
    from = cut;
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}

it(`says something right to ${dialogues} dialogues, and hands over nothing that it should not`, async () => {
  await fc.assert(
    fc.asyncProperty(dialogue, fc.array(fc.nat({ max: 100 }), { maxLength: 3 }), async (lines, cuts) => {
      world.taken.length = 0;
      world.news.length = 0;
      const said = await converse(Buffer.from(lines.join(''), 'latin1'), cuts);
      for (const line of said.split('\r\n').slice(0, -1)) expect(line).toMatch(/^[2345]\d\d[ -][\t -~]*$/);
      // A fault would be 451 with a trouble.
      expect(world.troubles).toEqual([]);
      const shop = ['k-0000000000-shop1', 'k-0000000000-all01'];
      for (const mail of world.taken) {
        expect(shop).toContain(mail.owner);
        const text = mail.bodies[0]?.bytes.toString('latin1') ?? '';
        expect(/(?<!\r)\n|\r(?!\n)|\0/.test(text)).toBe(false);
        const header = text.slice(0, text.indexOf('\r\n\r\n'));
        expect(header).not.toMatch(/^(?:Bcc|Todoku-[A-Za-z]+|Return-Path):/im);
        const from = /^From:(.*(?:\r\n[ \t].*)*)$/im.exec(header)?.[1] ?? '';
        const domains = parseMailboxList(from.trim())?.map(({ address }) => address.domain) ?? [];
        expect(domains.length).toBeGreaterThan(0);
        if (mail.owner === shop[0]) expect(domains.every((domain) => domain === 'shop.example')).toBe(true);
      }
    }),
    { numRuns: dialogues },
  );
  // It still works.
  const dialog = await world.logIn();
  expect(await dialog.ask('NOOP')).toMatch(/^250 /);
});
