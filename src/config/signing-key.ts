import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { systemCode } from './config-file.ts';

// RFC 8301 §3.2: signers MUST use RSA keys of at least 1024 bits and SHOULD use at least 2048.
const shortestRsaBits = 1024;

// An RSA key of 16384 bits in PEM has under 13 KB.
const largestFileBytes = 64_000;

/** Reads a DKIM private key (PEM: PKCS#8 or PKCS#1, RSA or Ed25519). Throws AppError naming the file. */
export function readSigningKey(path: string): KeyObject {
  const key = openSigningKey(path);
  if (key instanceof AppError) throw key;
  return key;
}

/** The same as a value: the key, or why there is none. */
export function openSigningKey(path: string): KeyObject | AppError {
  const pem = readPem(path);
  if (pem instanceof AppError) return pem;
  // RFC 7468 §11; RFC 1421 §4.6.1.1 for the older form.
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem)) return encrypted(path);
  const key = parse(pem);
  if (key === null) return notAKey(path, pem);
  if (key.asymmetricKeyType === 'ed25519') return key;
  if (key.asymmetricKeyType !== 'rsa') return wrongKind(path, key.asymmetricKeyType ?? '?');
  const bits = rsaBits(key);
  return bits < shortestRsaBits ? tooShort(path, bits) : key;
}

/** Length of an RSA key's modulus. */
export function rsaBits(key: KeyObject): number {
  return key.asymmetricKeyDetails?.modulusLength ?? 0;
}

function readPem(path: string): string | AppError {
  try {
    const facts = statSync(path);
    if (!facts.isFile())
      return unreadable(path, { ja: '普通のファイルではありません', en: 'not a regular file' });
    if (facts.size > largestFileBytes) return notAKey(path, '');
    return readFileSync(path, 'latin1'); // PEM is ASCII (RFC 7468 §2); other bytes fail in the parser
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    return code === 'ENOENT' || code === 'ENOTDIR' ? missing(path) : unreadable(path, { ja: code, en: code });
  }
}

function parse(pem: string): KeyObject | null {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch (error) {
    // OpenSSL has dozens of codes for "this is no key"; which one helps nobody.
    if (error instanceof Error) return null;
    throw error;
  }
}

function missing(path: string): AppError {
  return new AppError({
    code: 'signing-key-missing',
    message: { ja: `DKIM の秘密鍵 ${path} がありません`, en: `DKIM key ${path} does not exist` },
    hint: {
      ja: 'パスは設定ファイルのフォルダーが起点です。確かめてください',
      en: 'check the path; it starts at the folder of the configuration file',
    },
  });
}

function unreadable(path: string, why: Bilingual): AppError {
  return new AppError({
    code: 'signing-key-unreadable',
    message: {
      ja: `DKIM の秘密鍵 ${path} を読めません（${why.ja}）`,
      en: `DKIM key ${path} cannot be read (${why.en})`,
    },
    hint: { ja: 'ファイルの権限を確かめてください', en: 'check its permissions' },
  });
}

function encrypted(path: string): AppError {
  return new AppError({
    code: 'signing-key-encrypted',
    message: {
      ja: `DKIM の秘密鍵 ${path} はパスフレーズで暗号化されています`,
      en: `DKIM key ${path} is encrypted with a passphrase`,
    },
    hint: {
      ja: '`openssl pkey -in 元 -out 先` で解除し、権限を 600 にしてください',
      en: 'remove it with `openssl pkey -in OLD -out NEW` and give the file mode 600',
    },
  });
}

function notAKey(path: string, pem: string): AppError {
  const isPublic = /-----BEGIN (RSA )?PUBLIC KEY-----|-----BEGIN CERTIFICATE-----/.test(pem);
  const what: Bilingual = isPublic
    ? {
        ja: '公開鍵か証明書で、秘密鍵ではありません',
        en: 'is a public key or a certificate, not a private key',
      }
    : { ja: '秘密鍵（PEM）として読めません', en: 'is not a private key in PEM form' };
  return new AppError({
    code: 'signing-key-invalid',
    message: { ja: `DKIM の鍵 ${path} は${what.ja}`, en: `DKIM key ${path} ${what.en}` },
    hint: {
      ja: '`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out FILE` で作れます',
      en: 'make one with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out FILE`',
    },
  });
}

function wrongKind(path: string, kind: string): AppError {
  return new AppError({
    code: 'signing-key-wrong-kind',
    message: {
      ja: `DKIM の鍵 ${path} の種類 ${kind} は DKIM では使えません`,
      en: `DKIM key ${path} is of kind ${kind}, which DKIM does not know`,
    },
    hint: { ja: 'RSA か Ed25519 の鍵を使ってください', en: 'use an RSA or Ed25519 key' },
  });
}

function tooShort(path: string, bits: number): AppError {
  return new AppError({
    code: 'signing-key-too-short',
    message: {
      ja: `DKIM の鍵 ${path} は ${bits} ビットで短すぎます（最低 ${shortestRsaBits}）`,
      en: `DKIM key ${path} is too short: ${bits} bits, at least ${shortestRsaBits} are needed`,
    },
    hint: { ja: '2048 ビットの鍵を作り直してください', en: 'make a new one of 2048 bits' },
  });
}
