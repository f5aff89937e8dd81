import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SigningKey } from '../config/index.ts';
import type { StoredDomain } from './domain.ts';

// RFC 8301 §3.2: signers SHOULD use RSA keys of at least 2048 bits; longer ones do not fit into one UDP answer.
const rsaBits = 2048;

/**
 * A new domain with two keys (RFC 8463 §3: RSA beside Ed25519, for receivers that know only one), written to files for
 * the owner alone. Files of a domain that was not stored in the end are overwritten by the next try.
 */
export function makeDomain(request: {
  readonly name: string;
  readonly returnPath: string;
  readonly dataFolder: string;
  readonly nowMs: number;
}): Pick<StoredDomain, 'name' | 'returnPath' | 'dkim' | 'createdMs'> {
  const { name, returnPath, dataFolder, nowMs } = request;
  const folder = join(dataFolder, 'domain-keys', name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '');
  const rsa = generateKeyPairSync('rsa', { modulusLength: rsaBits }).privateKey;
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  const write = (selector: string, key: KeyObject, algorithm: SigningKey['algorithm']): SigningKey => {
    const file = join(folder, `${selector}.pem`);
    writeKey(file, key);
    return { selector, key: file, algorithm };
  };
  const dkim = [write(`td${day}r`, rsa, 'rsa-sha256'), write(`td${day}e`, ed25519, 'ed25519-sha256')];
  return { name, returnPath, dkim, createdMs: nowMs };
}

/** Readable by its owner only, and on the disk when this returns. */
function writeKey(file: string, key: KeyObject): void {
  const handle = openSync(file, 'w', 0o600);
  try {
    writeSync(handle, key.export({ type: 'pkcs8', format: 'pem' }).toString());
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
