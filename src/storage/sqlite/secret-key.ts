import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../base/index.ts';

// As long as the output of the HMAC-SHA-256 that it keys: RFC 2104 §3 advises no less, and more gains nothing.
const secretBytes = 32;

/** Reads `secret.key`, which signs return paths. null when the file is missing. */
export function readSecret(folder: string): Buffer | null {
  const file = join(folder, 'secret.key');
  let secret: Buffer;
  try {
    secret = readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  if (secret.length !== secretBytes) throw brokenSecret(file, secret.length);
  return secret;
}

/** Writes a new `secret.key`, readable by its owner only, all or nothing, and on the disk when this returns. */
export function writeSecret(folder: string, secret: Buffer): void {
  if (secret.length !== secretBytes) throw new Error(`a secret has ${secretBytes} bytes`);
  const file = join(folder, 'secret.key');
  const draft = `${file}.new`;
  try {
    const handle = openSync(draft, 'w', 0o600);
    try {
      writeSync(handle, secret);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
    syncFolder(folder);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Makes the names of new files in `folder` survive a power cut (fsync(2): the file's own fsync does not). */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** There is a database but no key: a new key would make every bounce of mail already sent unreadable. */
export function missingSecret(folder: string): AppError {
  return new AppError({
    code: 'storage-secret-missing',
    message: { ja: `${folder}/secret.key がありません`, en: `${folder}/secret.key is missing` },
    hint: {
      ja: 'バックアップから戻してください。送信済みメールの返送先はこの鍵で署名されています',
      en: 'put it back from your backup; the return paths of mail already sent are signed with it',
    },
  });
}

function brokenSecret(file: string, length: number): AppError {
  return new AppError({
    code: 'storage-secret-broken',
    message: {
      ja: `${file} は ${secretBytes} バイトのはずですが ${length} バイトです`,
      en: `${file} has ${length} bytes instead of ${secretBytes}`,
    },
    hint: { ja: 'バックアップから戻してください', en: 'put it back from your backup' },
  });
}
