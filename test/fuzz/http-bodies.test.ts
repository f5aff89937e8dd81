import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTemplateTexts, messageRoutes } from '../../src/http/index.ts';
import { simpleParser } from 'mailparser';
import { apiWorld, keptOutbox } from '../support/http-api.ts';
import { FakeClock } from '../support/fake-clock.ts';

// A push runs the short form; FUZZ_RUNS=100000 the long one.
const runs = Number(process.env['FUZZ_RUNS'] ?? 3_000);

const clock = new FakeClock();
const outbox = keptOutbox();
const api = apiWorld(
  [
    (each) =>
      messageRoutes(each, {
        clock,
        random: Math.random,
        outbox,
        mails: {
          find: () => [],
          list: () => ({ messages: [], next: null }),
          cancel: () => 0,
          body: () => null,
        },
        templates: createTemplateTexts({ find: () => null }),
        expiryMs: 60_000,
        why: () => [],
        senderOf: (domain) =>
          domain === 'example.jp' ? { name: domain, verified: true, sandbox: false } : null,
      }),
  ],
  { requestsPerMinute: 1e9, bodyBytes: 100_000 },
  clock,
);

const good: Readonly<Record<string, unknown>> = {
  from: '届く <shop@example.jp>',
  to: ['taro@example.com'],
  subject: 'ご注文',
  text: 'どうも\r\n.\r\n',
  headers: { 'X-Order': '1' },
  attachments: [{ filename: 'a.txt', content: 'YWJj', contentType: 'text/plain' }],
  tags: ['a'],
  metadata: { a: 'b' },
};
const names = [
  ...Object.keys(good),
  'html',
  'cc',
  'bcc',
  'replyTo',
  'scheduledAt',
  'unsubscribe',
  'template',
  'data',
  'stream',
];

/** What a stranger puts into a field: of any type, and texts made of what breaks mail. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\0',
        ':',
        ' ',
        '.',
        '<',
        '>',
        '@',
        'a',
        'Bcc: x@example.org',
        '=?',
        '?=',
        '"',
        ',',
        ';',
        '\u2028',
        '\ud800',
        'あ',
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join('')),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('x'.repeat(50_000), 1e308, -0, null, '2026-02-30T00:00:00Z', '__proto__', [], {}, [[[]]]),
);
const mutation = fc.tuple(fc.constantFrom(...names), nasty, fc.boolean());
const mutated = fc.array(mutation, { minLength: 1, maxLength: 4 }).map((changes) => {
  const body: Record<string, unknown> = structuredClone(good) as Record<string, unknown>;
  for (const [name, drawn, within] of changes) {
    const value: unknown = structuredClone(drawn);
    const old = body[name];
    if (within && Array.isArray(old)) old.push(value);
    else if (within && typeof old === 'object' && old !== null)
      Object.assign(old, { [String(value).slice(0, 50)]: String(value) });
    else body[name] = value;
  }
  return JSON.stringify(body);
});
const cut = fc
  .tuple(mutated, fc.nat(), fc.string({ unit: 'binary', maxLength: 3 }))
  .map(([text, at, junk]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + junk + text.slice(place + junk.length);
  });
const raw = fc.oneof(
  { weight: 6, arbitrary: mutated },
  { weight: 3, arbitrary: cut },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

test('no body makes a fault, and none makes a mail that says what it must not', async () => {
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(raw, fc.boolean(), async (body, batch) => {
      outbox.mails.length = 0;
      const path = batch ? '/v1/messages/batch' : '/v1/messages';
      const sent = batch ? `{"messages":[${body}]}` : body;
      const answer = await api.call('POST', path, { body: sent });
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      expect([202, 400, 413, 422]).toContain(answer.status);
      expect(api.troubles).toEqual([]);
      if (answer.status !== 202) {
        expect(answer.body.code).toMatch(/^[a-z-]+$/);
        expect(outbox.mails).toEqual([]);
        return;
      }
      for (const mail of outbox.mails)
        await expectSoundMail(
          mail.bodies.map(({ bytes }) => bytes),
          mail.author,
        );
    }),
    { numRuns: runs },
  );
  // Both ways were taken: a fuzz that is always refused tries nothing.
  expect(seen.get(202) ?? 0).toBeGreaterThan(runs / 100);
  expect(seen.get(422) ?? 0).toBeGreaterThan(runs / 10);
}, 3_600_000);

// Parsing costs 2 ms: a part of them is looked into.
let accepted = 0;

async function expectSoundMail(bodies: readonly Buffer[], author: string): Promise<void> {
  expect(author).toMatch(/@example\.jp$/);
  for (const bytes of bodies) {
    const text = bytes.toString('latin1');
    // RFC 5321 §2.3.8: CR and LF only as CRLF; RFC 5322 §2.1.1: lines of at most 998 octets.
    expect(text).not.toMatch(/[^\r]\n|\r[^\n]/);
    const head = text.slice(0, text.indexOf('\r\n\r\n'));
    expect(head).not.toMatch(/^(bcc|return-path|received|sender|dkim-signature):/im);
    for (const name of ['From', 'Message-ID', 'Date', 'Subject', 'MIME-Version'])
      expect([name, head.match(new RegExp(`^${name}:`, 'gim'))?.length]).toEqual([name, 1]);
    if (accepted++ % 20 === 0) expect((await simpleParser(bytes)).from?.value[0]?.address).toBe(author);
  }
}
