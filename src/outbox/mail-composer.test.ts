import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { createSigner, publicKeyRecord } from '../protocol/dkim/index.ts';
import { readReturnPath } from '../protocol/return-path/index.ts';
import { createMailComposer } from './mail-composer.ts';
import type { MailToCompose } from './mail-composer.ts';
import { messageIdIn } from './message-id.ts';
import { newMailId, parseMailKey } from './mail-id.ts';

const { privateKey: key } = generateKeyPairSync('ed25519');
const signer = createSigner({ domain: 'shop.example', selector: 's', key, algorithm: 'ed25519-sha256' });
const secret = Buffer.alloc(32, 7);
const clock = new FakeClock(Date.UTC(2026, 0, 1));

function composerOf(bytes: Buffer | null, signed = true): ReturnType<typeof createMailComposer> {
  return createMailComposer({
    read: () => bytes,
    signersOf: () => (signed ? [signer] : []),
    returnPathOf: (domain) => `bounce.${domain}`,
    secret,
    clock,
  });
}

const message: MailToCompose = {
  id: 4711,
  place: { segment: 1, offset: 0, octets: 1 },
  domain: 'shop.example',
  eightBit: true,
  smtpUtf8: false,
  requireTls: false,
};

async function verify(bytes: Buffer): Promise<readonly string[]> {
  const { results } = await dkimVerify(bytes, {
    curTime: new Date(clock.now()),
    resolver: async () => [[publicKeyRecord(signer)]],
  });
  return results.map(({ status }) => status.result);
}

const lines = fc.array(
  fc.constantFrom('plain', '.dot', '..two', ' leading', 'trailing \t', '', 'あいう', '=?utf-8?q?x?=', '\t'),
  { maxLength: 12 },
);

test('the bytes as they were accepted leave under a signature that verifies', async () => {
  await fc.assert(
    fc.asyncProperty(lines, async (body) => {
      const header = 'From: a@shop.example\r\nSubject: folded\r\n\there\r\nX-8bit: あ\r\nMIME-Version: 1.0';
      const bytes = Buffer.from(`${header}\r\n\r\n${body.map((line) => `${line}\r\n`).join('')}`);
      const composed = composerOf(bytes).compose(message);
      if ('failure' in composed) throw new Error(composed.failure);
      expect(composed.bytes.subarray(-bytes.length).equals(bytes)).toBe(true);
      expect(await verify(composed.bytes)).toEqual(['pass']);
    }),
    { numRuns: 60 },
  );
});

test('the return path is sealed for the message, and flags are passed on', () => {
  const bytes = Buffer.from('From: a@shop.example\r\n\r\nx\r\n');
  const composed = composerOf(bytes, false).compose({ ...message, requireTls: true, smtpUtf8: true });
  if ('failure' in composed) throw new Error(composed.failure);
  expect(composed).toMatchObject({ eightBit: true, smtpUtf8: true, requireTls: true, dotSafe: false });
  expect(composed.bytes.equals(bytes)).toBe(true);
  expect(readReturnPath(composed.returnPath, 'bounce.shop.example', [secret])).toEqual({
    ok: true,
    message: 4711,
  });
});

test('bytes that are gone are told of, not sent', () => {
  const composed = composerOf(null).compose(message);
  expect('failure' in composed && composed.failure).toContain('no longer');
});

test('a mail for many is read once', () => {
  let reads = 0;
  const composer = createMailComposer({
    read: () => {
      reads += 1;
      return Buffer.from('From: a@shop.example\r\n\r\nx\r\n');
    },
    signersOf: () => [signer],
    returnPathOf: (domain) => domain,
    secret,
    clock,
  });
  for (let id = 1; id <= 100; id += 1) composer.compose({ ...message, id });
  expect(reads).toBe(1);
});

test('ids are read back, alone, of a message, and out of a Message-ID', () => {
  const id = newMailId(Date.UTC(2026, 0, 1), () => 0.5);
  expect(id).toMatch(/^m-[0-9a-z]{10}-[0-9a-z]{10}$/);
  expect(parseMailKey(id)).toEqual({ mail: id, position: null });
  expect(parseMailKey(` ${id.toUpperCase()}.12 `)).toEqual({ mail: id, position: 12 });
  expect(parseMailKey(`<${id}@shop.example>`)).toEqual({ mail: id, position: null });
  for (const none of ['', 'm-1', `${id}.0`, `${id}.x`, 'a@b.example', `<${id}@a b>`])
    expect(parseMailKey(none)).toBeNull();
});

test.each([
  ['Message-ID: <a@b>', '<a@b>'],
  ['X: y\r\nmessage-id:\r\n <c@d>', '<c@d>'],
  ['X-Message-ID: <no@b>\r\nSubject: Message-ID: <no@c>', null],
  ['Message-ID: nonsense', null],
  [`Message-ID: <${'x'.repeat(1_000)}@b>`, null],
  ['Subject: x', null],
])('the Message-ID in %j', (header, found) => {
  expect(messageIdIn(Buffer.from(`${header}\r\n\r\nMessage-ID: <in@body>\r\n`))).toBe(found);
});
