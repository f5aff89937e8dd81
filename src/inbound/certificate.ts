import { generateKeyPair, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import forge from 'node-forge';

/** PEM texts. */
export type TlsIdentity = { readonly key: string; readonly cert: string };

const makeKeyPair = promisify(generateKeyPair);
const dayMs = 86_400_000;
// Nobody checks its dates (see below); made anew a month before they end all the same.
const validForMs = 2 * 365 * dayMs;
const renewBeforeMs = 30 * dayMs;

/**
 * A certificate for `hostname` signed by itself, kept in `folder`. Mail servers that send bounces encrypt without asking
 * who is there (RFC 7435): with this nobody on the way reads who did not get what.
 */
export async function ownCertificate(folder: string, hostname: string, nowMs: number): Promise<TlsIdentity> {
  const files = { key: join(folder, 'key.pem'), cert: join(folder, 'certificate.pem') };
  const known = readPair(files);
  if (known !== null && isUsable(known.cert, hostname, nowMs)) return known;
  const made = await makePair(hostname, nowMs);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const part of ['key', 'cert'] as const) {
    writeFileSync(`${files[part]}.new`, made[part], { mode: 0o600 });
    renameSync(`${files[part]}.new`, files[part]);
  }
  return made;
}

function readPair(files: TlsIdentity): TlsIdentity | null {
  if (!existsSync(files.key) || !existsSync(files.cert)) return null;
  return { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') };
}

function isUsable(pem: string, hostname: string, nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const isCurrent = Date.parse(certificate.validTo) - renewBeforeMs > nowMs;
    return isCurrent && certificate.subject === `CN=${commonName(hostname)}`;
  } catch (error) {
    // A half-written or foreign file: a new one takes its place.
    if (error instanceof Error) return false;
    throw error;
  }
}

/** RFC 5280, ub-common-name: at most 64 characters. */
function commonName(hostname: string): string {
  return hostname.slice(0, 64);
}

async function makePair(hostname: string, nowMs: number): Promise<TlsIdentity> {
  const { privateKey } = await makeKeyPair('rsa', { modulusLength: 2_048 });
  // An RSA key exports as PKCS #1 text.
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const own = forge.pki.privateKeyFromPem(key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(own.n, own.e);
  // RFC 5280 §4.1.2.2: positive, and different for each certificate of an issuer.
  certificate.serialNumber = `01${Math.floor(nowMs).toString(16).padStart(14, '0')}`;
  certificate.validity.notBefore = new Date(nowMs - dayMs);
  certificate.validity.notAfter = new Date(nowMs + validForMs);
  const name = [{ name: 'commonName', value: commonName(hostname) }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: [{ type: 2, value: hostname }] },
  ]);
  certificate.sign(own, forge.md.sha256.create());
  return { key, cert: forge.pki.certificateToPem(certificate) };
}
