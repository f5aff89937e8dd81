import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectOneLine, expectRefused, workshop } from '../../support/refusal.ts';
import type { RefusalTexts } from '../../support/refusal.ts';

// The line of `key:` in a configuration that is written as JSON is its only line.
const place = String.raw`todoku\.yaml:1: DKIM `;

const privatePem = { type: 'pkcs8', format: 'pem' } as const;
const publicPem = { type: 'spki', format: 'pem' } as const;

type Spoiled = { readonly name: string; readonly pem: () => string | Buffer; readonly says: RefusalTexts };

const spoiled: readonly Spoiled[] = [
  {
    name: 'too short',
    pem: () => generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey.export(privatePem),
    says: {
      ja: /512 ビットで短すぎます（最低 1024） — 2048/,
      en: /too short: 512 bits, at least 1024 .* — .*2048/,
    },
  },
  {
    name: 'a public key',
    pem: () => generateKeyPairSync('ed25519').publicKey.export(publicPem),
    says: {
      ja: /公開鍵か証明書で、秘密鍵ではありません — `openssl/,
      en: /is a public key or a certificate.* — .*openssl/,
    },
  },
  {
    name: 'encrypted',
    pem: () =>
      generateKeyPairSync('ed25519').privateKey.export({
        ...privatePem,
        cipher: 'aes-256-cbc',
        passphrase: 'secret',
      }),
    says: {
      ja: /パスフレーズで暗号化されています — `openssl/,
      en: /is encrypted with a passphrase — .*openssl/,
    },
  },
  {
    name: 'of a kind that DKIM does not know',
    pem: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(privatePem),
    says: {
      ja: /種類 ec は DKIM では使えません — RSA か Ed25519/,
      en: /of kind ec, .* — use an RSA or Ed25519 key/,
    },
  },
  {
    name: 'no key at all',
    pem: () => Buffer.from([0, 1, 2, 255]),
    says: { ja: /秘密鍵（PEM）として読めません/, en: /is not a private key in PEM form/ },
  },
  {
    name: 'for another algorithm',
    pem: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(privatePem),
    says: { ja: /ed25519-sha256 では使えません/, en: /does not fit algorithm ed25519-sha256/ },
  },
];

const keyFile = 'ed25519-sha256.pem';

test.each(spoiled)('a DKIM key that is $name', async ({ pem, says }) => {
  const shop = await workshop();
  const text = pem();
  shop.file(keyFile, text);
  await expectRefused(shop, shop.send(), says);
  const { stderr } = await shop.run(shop.send());
  expect(stderr).toMatch(/todoku\.yaml:1: /);
  for (const line of text.toString().split('\n').slice(1, -2)) expect(stderr).not.toContain(line);
});

test('a DKIM key that is missing', async () => {
  const shop = await workshop();
  rmSync(shop.path(keyFile));
  await expectRefused(shop, shop.send(), {
    ja: new RegExp(`${place}の秘密鍵 \\S+\\.pem がありません — パスは`),
    en: new RegExp(`${place}key \\S+\\.pem does not exist — check the path`),
  });
});

test('a DKIM key that is a folder', async () => {
  const shop = await workshop();
  rmSync(shop.path(keyFile));
  mkdirSync(shop.path(keyFile));
  await expectRefused(shop, shop.send(), {
    ja: /を読めません（普通のファイルではありません） — /,
    en: /cannot be read \(not a regular file\) — /,
  });
});

test('a configuration with a mistake, or that is not there', async () => {
  const shop = await workshop();
  const mistaken = shop.file('mistaken.yaml', 'delivery:\n  hostnmae: mail.example\n');
  for (const argv of [shop.send(), ['resume'], ['ledger'], ['suppression', 'list'], ['config', 'show']]) {
    await expectRefused(shop, [...argv, '--config', mistaken], {
      ja: /mistaken\.yaml:2: .*hostnmae.* — .*hostname/,
      en: /mistaken\.yaml:2: .*hostnmae.* — .*hostname/,
    });
  }
  const missing = await shop.run(['config', 'show', '--config', shop.path('none.yaml'), '--lang', 'en']);
  expectOneLine(missing, /configuration file \S+none\.yaml does not exist — /);
});
