import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError } from '../base/index.ts';
import { readSigningKey } from '../config/index.ts';
import type { SendingDomain, SigningAlgorithm } from '../config/index.ts';
import { publicKeyRecord } from '../protocol/dkim/index.ts';

/** A private key of a domain, and the record for its public half. */
export type DomainKey = {
  readonly selector: string;
  readonly algorithm: SigningAlgorithm;
  readonly file: string;
  readonly record: string;
};

/** Keys that were made for a domain: `<data>/dkim/<domain>/<selector>.pem`. */
export function keyFolder(dataDirectory: string, domain: string): string {
  return join(dataDirectory, 'dkim', domain);
}

/** Keys that the configuration names; `readSigningKey` names the file that cannot be used. */
export function configuredKeys(own: SendingDomain | null): readonly DomainKey[] {
  return (own?.dkim ?? []).map(({ selector, key, algorithm }) => openKey({ selector, file: key, algorithm }));
}

/** Keys in the folder, oldest name first. */
export function storedKeys(folder: string): readonly DomainKey[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.pem'))
    .toSorted()
    .map((name) => {
      const file = join(folder, name);
      const kind = readSigningKey(file).asymmetricKeyType;
      return openKey({
        selector: basename(name, '.pem'),
        file,
        algorithm: kind === 'ed25519' ? 'ed25519-sha256' : 'rsa-sha256',
      });
    });
}

// RFC 8301 §3.2: at least 2048 bits are advised; a longer key no longer fits one UDP answer (RFC 6376 §3.3.3).
const modulusLength = 2_048;

/** Makes a key pair and writes the private half, readable for this user alone; one that exists is never overwritten. */
export function makeKey(
  folder: string,
  { selector, algorithm }: { readonly selector: string; readonly algorithm: SigningAlgorithm },
): DomainKey {
  const file = join(folder, `${selector}.pem`);
  const pem =
    algorithm === 'ed25519-sha256'
      ? generateKeyPairSync('ed25519').privateKey
      : generateKeyPairSync('rsa', { modulusLength }).privateKey;
  return writing(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // `wx`: two commands at once must not sign with one key and publish the other.
    writeFileSync(file, pem.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
    return openKey({ selector, file, algorithm });
  });
}

/** Replaces a file in one step. */
export function replaceFile(folder: string, name: string, text: string): void {
  writing(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, name);
    writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  });
}

function openKey({ selector, file, algorithm }: Omit<DomainKey, 'record'>): DomainKey {
  return { selector, file, algorithm, record: publicKeyRecord({ key: readSigningKey(file), algorithm }) };
}

function writing<T>(folder: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null || error instanceof AppError) throw error;
    throw new AppError({
      code: 'key-folder-unwritable',
      message: {
        ja: `DKIM の鍵のフォルダー ${folder} に書けません（${code}）`,
        en: `cannot write to the folder of DKIM keys ${folder} (${code})`,
      },
      hint: {
        ja: 'フォルダーの権限と空き容量を確かめ、もう一度実行してください',
        en: 'check its permissions and the free space of the disk, and try again',
      },
      cause: error,
    });
  }
}
