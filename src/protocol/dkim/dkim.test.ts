import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import * as fc from 'fast-check';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { describe, expect, it } from 'vitest';
import { requirePeer } from '../../../test/support/peer.ts';
import { encodeQuotedPrintable, mailboxField, textField, tokenField } from '../message/index.ts';
import type { RawField, Signer } from './index.ts';
import { canonicalBody, canonicalField, createSigner, publicKeyRecord, sign } from './index.ts';

const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const edKey = generateKeyPairSync('ed25519').privateKey;
const rsa = createSigner({ domain: 'example.jp', selector: 'r1', key: rsaKey, algorithm: 'rsa-sha256' });
const ed = createSigner({ domain: 'example.jp', selector: 'e1', key: edKey, algorithm: 'ed25519-sha256' });
// In the past: dkimpy refuses a t= that lies in the future by the machine's clock.
const nowSeconds = 1_750_000_000;

const fields: readonly RawField[] = [
  mailboxField('From', [{ displayName: '届く', address: { localPart: 'news', domain: 'example.jp' } }]),
  mailboxField('To', [{ displayName: null, address: { localPart: 'a..b', domain: 'docomo.ne.jp' } }]),
  textField('Subject', '秋のお知らせ '.repeat(12)),
  tokenField('Date', ['Thu, 01 Jan 2026 00:00:00 +0000']),
  tokenField('Message-ID', ['<1@example.jp>']),
  tokenField('MIME-Version', ['1.0']),
  tokenField('Content-Type', ['text/plain;', 'charset=utf-8']),
];

function message(headers: readonly { readonly line: string }[], body: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${headers.map((field) => field.line).join('\r\n')}\r\n\r\n`, 'latin1'),
    body,
  ]);
}

function signed(
  body: Buffer,
  signers: readonly Signer[] = [rsa, ed],
  headers: readonly RawField[] = fields,
): Buffer {
  const signatures = sign({ headers, body, encoding: 'latin1' }, signers, nowSeconds);
  return message([...signatures, ...headers], body);
}

const records: Readonly<Record<string, string>> = {
  'r1._domainkey.example.jp': publicKeyRecord(rsa),
  'e1._domainkey.example.jp': publicKeyRecord(ed),
};

async function verifyWithMailauth(bytes: Buffer): Promise<readonly string[]> {
  const { results } = await dkimVerify(bytes, {
    curTime: new Date(nowSeconds * 1000),
    resolver: async (name: string) => {
      const record = records[name];
      if (record === undefined)
        throw Object.assign(new Error(`no zone entry ${name}`), { code: 'ENOTFOUND' });
      return [[record]];
    },
  });
  return results.map((result) => result.status.result);
}

const dkimpy = '/usr/lib/python3/dist-packages/dkim/__init__.py';
const script = new URL('../../../test/support/dkimpy-verify.py', import.meta.url).pathname;

function verifyWithDkimpy(messages: readonly Buffer[]): readonly (readonly boolean[])[] {
  const input = messages
    .map((bytes) => JSON.stringify({ message: bytes.toString('base64'), keys: records }))
    .join('\n');
  const output = execFileSync('/usr/bin/python3', [script], { input, encoding: 'utf8' });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as readonly boolean[]); // our own script's output
}

/** Bodies that exercise canonicalisation: white space runs, empty lines at the end, bare CR and LF, no final line end. */
const anyBody = fc
  .array(fc.constantFrom('a', ' ', '  ', '\t', '\r\n', '\r\n', '\n', '\r', '.', 'あ', '\0'), {
    maxLength: 40,
  })
  .map((parts) => Buffer.from(parts.join(''), 'utf8'));

const crlfBody = fc
  .array(fc.constantFrom('a', ' ', '  ', '\t', '\r\n', '\r\n', '.', 'あ', '='), { maxLength: 40 })
  .map((parts) => Buffer.from(`${parts.join('')}\r\n`, 'utf8'));

describe('canonicalBody', () => {
  it.each([
    // RFC 6376 §3.4.5, the example of relaxed/relaxed.
    [' C \r\nD \t E\r\n\r\n\r\n', ' C\r\nD E\r\n'],
    ['', ''],
    ['\r\n', ''],
    [' \r\n\t\r\n', ''],
    ['a', 'a\r\n'],
    ['a\r\n', 'a\r\n'],
    ['a\r\n\r\nb \r\n', 'a\r\n\r\nb\r\n'],
    ['a \r b', 'a \r b\r\n'],
  ])('%j becomes %j', (body, expected) => {
    expect(canonicalBody(Buffer.from(body)).toString()).toBe(expected);
  });

  it('equals the definition of RFC 6376 §3.4.4 and is idempotent', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        const lines = body.toString('latin1').split('\r\n');
        const relaxed = lines.map((line) => line.replaceAll(/[ \t]+/g, ' ').replace(/ $/, '')).join('\r\n');
        const text = relaxed.replace(/(?:\r\n)*$/, '');
        const canonical = canonicalBody(body);
        expect(canonical.toString('latin1')).toBe(text === '' ? '' : `${text}\r\n`);
        expect(canonicalBody(canonical).equals(canonical)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('canonicalField', () => {
  it('follows RFC 6376 §3.4.2', () => {
    expect(canonicalField({ name: 'A', line: 'A: X' })).toBe('a:X');
    expect(canonicalField({ name: 'B ', line: 'B : Y\t\r\n\tZ  ' }).replace(' :', ':')).toBe('b:Y Z');
    expect(canonicalField({ name: 'Subject', line: 'Subject: \u3000x' })).toBe('subject:\u3000x');
  });
});

describe('sign', () => {
  it('is accepted by mailauth, RSA and Ed25519 together', async () => {
    const body = encodeQuotedPrintable('こんにちは。\n\n.dot  two\t\n\n');
    expect(await verifyWithMailauth(signed(body))).toEqual(['pass', 'pass']);
  });

  it('gives one signature for the fast way and the general way', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        const body = encodeQuotedPrintable(`${text}\n`);
        const general = sign({ headers: fields, body }, [ed], nowSeconds);
        expect(sign({ headers: fields, body, bodyForm: 'quoted-printable' }, [ed], nowSeconds)).toEqual(
          general,
        );
      }),
    );
  });

  it('is accepted by mailauth for any body with CRLF line ends', async () => {
    await fc.assert(
      fc.asyncProperty(crlfBody, async (body) => {
        expect(await verifyWithMailauth(signed(body, [ed]))).toEqual(['pass']);
      }),
    );
  });

  it.each([
    ['a changed body', (text: string) => text.replace('body text', 'body-text')],
    ['a changed subject', (text: string) => text.replace('Subject: =?utf-8?B?5', 'Subject: =?utf-8?B?6')],
    ['a second From', (text: string) => text.replace('From:', 'From: x@evil.example\r\nFrom:')],
    ['a second Subject at the end', (text: string) => text.replace('\r\n\r\n', '\r\nSubject: new\r\n\r\n')],
    [
      'a Reply-To that was not there',
      (text: string) => text.replace('\r\n\r\n', '\r\nReply-To: x@evil.example\r\n\r\n'),
    ],
    [
      'another Content-Type',
      (text: string) => text.replace('\r\n\r\n', '\r\nContent-Type: text/html\r\n\r\n'),
    ],
  ])('does not survive %s', async (_what, change) => {
    const bytes = signed(Buffer.from('body text\r\n'));
    const changed = Buffer.from(change(bytes.toString('latin1')), 'latin1');
    expect(changed.equals(bytes)).toBe(false);
    const results = await verifyWithMailauth(changed);
    expect(results).toHaveLength(2);
    for (const result of results) expect(result).not.toBe('pass');
  });

  it('writes i= and x=, and folds within 78 characters', () => {
    const withTags = createSigner({ ...rsa, identity: '@mail.example.jp', validForSeconds: 604_800 });
    const [field] = sign({ headers: fields, body: Buffer.from('x\r\n') }, [withTags], nowSeconds);
    expect(field?.line).toContain('i=@mail.example.jp;');
    expect(field?.line).toContain(`t=${nowSeconds}; x=${nowSeconds + 604_800};`);
    for (const line of field?.line.split('\r\n') ?? []) expect(line.length).toBeLessThanOrEqual(78);
  });

  it('is the same for the same second, so that a retry sends the same bytes', () => {
    const body = Buffer.from('x\r\n');
    expect(signed(body).equals(signed(body))).toBe(true);
  });
});

describe.skipIf(!requirePeer(dkimpy))('sign, as dkimpy sees it', () => {
  it('is accepted for a message of ours and for arbitrary bodies', () => {
    const bodies = [
      encodeQuotedPrintable('こんにちは。\n\n.dot  two\t\n\n'),
      Buffer.from('\r\n'),
      ...fc.sample(crlfBody, 40),
    ];
    const results = verifyWithDkimpy(bodies.map((body) => signed(body)));
    expect(results).toEqual(bodies.map(() => [true, true]));
  });

  it('is accepted with repeated and oddly spaced fields', () => {
    const odd: readonly RawField[] = [
      ...fields,
      { name: 'Cc', line: 'Cc:  a@b.jp ,\r\n\t c@d.jp  ' },
      { name: 'cc', line: 'cc: e@f.jp' },
      { name: 'List-Id', line: 'List-Id:\r\n <x.example.jp>' },
    ];
    const bytes = signed(Buffer.from('x\r\n'), [rsa, ed], odd);
    expect(verifyWithDkimpy([bytes])).toEqual([[true, true]]);
  });

  it('is refused once the body changed', () => {
    const bytes = Buffer.from(
      signed(Buffer.from('body text\r\n')).toString('latin1').replace('body text', 'body-text'),
      'latin1',
    );
    expect(verifyWithDkimpy([bytes])).toEqual([[false, false]]);
  });
});

describe('createSigner', () => {
  const make = (
    key: KeyObject,
    algorithm: 'rsa-sha256' | 'ed25519-sha256',
    domain = 'example.jp',
  ): Signer => {
    return createSigner({ domain, selector: 's', key, algorithm });
  };

  it('names a key that is too short', () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey;
    expect(() => make(short, 'rsa-sha256')).toThrow(/s\._domainkey\.example\.jp has 512 bits/);
  });

  it('refuses a key of the other kind, a public key, and names that are none', () => {
    expect(() => make(edKey, 'rsa-sha256')).toThrow(/not a private key for rsa-sha256/);
    expect(() => make(createPublicKey(rsaKey), 'rsa-sha256')).toThrow(/it is public rsa/);
    expect(() => make(rsaKey, 'rsa-sha256', 'a b; d=x')).toThrow(/not a valid DKIM domain/);
    expect(() => createSigner({ ...rsa, identity: '@other.jp' })).toThrow(/identity/);
  });
});
