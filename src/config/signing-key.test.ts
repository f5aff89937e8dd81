import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../base/index.ts';
import { readConfig } from './load.ts';
import { readSigningKey } from './signing-key.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'todoku-keys-'));
  const rsa = (bits: number): void => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
    put(`rsa${bits}.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    put(`rsa${bits}-pkcs1.pem`, privateKey.export({ type: 'pkcs1', format: 'pem' }));
  };
  [512, 1024, 2048].forEach(rsa);
  const ed = generateKeyPairSync('ed25519');
  put('ed.pem', ed.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  put('public.pem', ed.publicKey.export({ type: 'spki', format: 'pem' }));
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  put('encrypted.pem', ed.privateKey.export(options));
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  put('ec.pem', ec.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  put('text.pem', 'hello');
  put('big.pem', 'x'.repeat(64_001));
});
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, content: string | Buffer): void {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
}

describe('readSigningKey', () => {
  it.each([
    ['rsa1024.pem', 'rsa'],
    ['rsa2048-pkcs1.pem', 'rsa'],
    ['ed.pem', 'ed25519'],
  ])('reads %s', (name, kind) => {
    expect(readSigningKey(join(folder, name)).asymmetricKeyType).toBe(kind);
  });

  it.each([
    ['nothing.pem', 'signing-key-missing'],
    ['.', 'signing-key-unreadable'],
    ['encrypted.pem', 'signing-key-encrypted'],
    ['public.pem', 'signing-key-invalid'],
    ['text.pem', 'signing-key-invalid'],
    ['big.pem', 'signing-key-invalid'],
    ['ec.pem', 'signing-key-wrong-kind'],
    ['rsa512.pem', 'signing-key-too-short'],
  ])('refuses %s as %s, naming the file and nothing of its content', (name, code) => {
    const path = join(folder, name);
    const error = caught(() => readSigningKey(path));
    expect(error.code).toBe(code);
    for (const language of ['ja', 'en'] as const) {
      expect(error.line(language)).toContain(path);
      expect(error.line(language)).not.toMatch(/[\r\n]|BEGIN/);
    }
  });
});

function caught(action: () => unknown): AppError {
  try {
    action();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('keys that the configuration names', () => {
  const check = (entries: string): { readonly codes: string[]; readonly lines: string[] } => {
    const file = join(folder, 'todoku.yaml');
    writeFileSync(file, `domains:\n  - name: example.jp\n    dkim:\n${entries}`);
    const reading = readConfig({ file, explicit: true, environment: {}, hostname: 'h.test' });
    const lines = reading.ok
      ? reading.warnings.map((text) => text.en)
      : reading.errors.map((error) => error.line('en'));
    return {
      codes: reading.ok ? [] : reading.errors.map((error) => error.code),
      lines: lines.map((line) => line.replaceAll(`${folder}/`, '')),
    };
  };

  it('may be short of 2048 bits with a warning, and are relative to the configuration file', () => {
    expect(check('      - { selector: a, key: rsa1024.pem }\n')).toEqual({
      codes: [],
      lines: ['todoku.yaml:4: key rsa1024.pem has 1024 bits; 2048 are advised'],
    });
    expect(
      check(
        '      - { selector: a, key: rsa2048.pem }\n      - { selector: b, key: ed.pem, algorithm: ed25519-sha256 }\n',
      ),
    ).toEqual({ codes: [], lines: [] });
  });

  it('must exist, be long enough, fit their algorithm, and have a selector each', () => {
    expect(check('      - selector: a\n        key: nothing.pem\n').lines[0]).toMatch(
      /^todoku.yaml:5: DKIM key nothing.pem does not exist/,
    );
    expect(check('      - { selector: a, key: rsa512.pem }\n').codes).toEqual(['signing-key-too-short']);
    expect(check('      - { selector: a, key: ed.pem }\n').lines).toEqual([
      'todoku.yaml:4: key ed.pem does not fit algorithm rsa-sha256 — write algorithm: ed25519-sha256',
    ]);
    expect(
      check('      - { selector: a, key: rsa2048.pem }\n      - { selector: A, key: rsa2048.pem }\n').codes,
    ).toEqual(['config-duplicate-entry']);
  });

  it('draw a warning when everybody may read them', () => {
    chmodSync(join(folder, 'rsa2048.pem'), 0o644);
    expect(check('      - { selector: a, key: rsa2048.pem }\n').lines).toEqual([
      'todoku.yaml:4: private key rsa2048.pem can be read by everybody; chmod 600 it',
    ]);
  });
});
