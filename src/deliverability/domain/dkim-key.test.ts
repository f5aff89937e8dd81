import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { publicKeyRecord } from '../../protocol/dkim/index.ts';
import { readDkimKey } from './dkim-key.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const record = publicKeyRecord({ key: rsa.privateKey, algorithm: 'rsa-sha256' });
const publicKey = record.replace(/^.*p=/, '');
const bare = rsa.publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64');

test.each<[what: string, text: string, read: object]>([
  ['as we publish it', record, { ok: true, kind: 'rsa', bits: 2048, publicKey }],
  ['without v= and k=', `p=${publicKey}`, { ok: true, kind: 'rsa', bits: 2048 }],
  [
    'with blanks in the key',
    `v=DKIM1; p=${publicKey.slice(0, 100)} ${publicKey.slice(100)}`,
    { ok: true, publicKey },
  ],
  ['a bare RSAPublicKey', `v=DKIM1; p=${bare}`, { ok: true, bits: 2048 }],
  ['notes and unknown tags', `v=DKIM1; n=hello; x=1; p=${publicKey};`, { ok: true }],
  ['revoked', 'v=DKIM1; p=', { ok: true, revoked: true, bits: 0 }],
  [
    'flags',
    `v=DKIM1; t=y:s; h=sha1:sha256; s=email; p=${publicKey}`,
    { testing: true, hashes: ['sha1', 'sha256'], services: ['email'] },
  ],
  ['no key', 'v=DKIM1; k=rsa', { ok: false }],
  ['half a key', `v=DKIM1; p=${publicKey.slice(0, 120)}`, { ok: false }],
  ['another version', `v=DKIM2; p=${publicKey}`, { ok: false, fault: 'v=DKIM2' }],
  ['Ed25519 in the form of RSA', `v=DKIM1; k=ed25519; p=${publicKey}`, { ok: false }],
  ['an empty text', '', { ok: false }],
])('%s', (_what, text, read) => {
  expect(readDkimKey(text)).toMatchObject(read);
});

test('Ed25519', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const text = publicKeyRecord({ key: privateKey, algorithm: 'ed25519-sha256' });
  expect(readDkimKey(text)).toMatchObject({ ok: true, kind: 'ed25519', bits: 256 });
});
