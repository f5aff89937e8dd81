import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs `work` with a file that holds a new RSA-2048 key in PEM form. */
export async function withKeyFile<T>(work: (keyFile: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-bench-key-'));
  const keyFile = join(folder, 'rsa2048.pem');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  try {
    return await work(keyFile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
