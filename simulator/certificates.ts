import { X509Certificate, createPrivateKey, generateKeyPair } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { fingerprint } from './fingerprint.ts';

// node:crypto reads certificates but cannot write them. node-forge can, alone and without dependencies; openssl's
// command is missing on slim images, and @peculiar/x509 brings 30 packages and a global polyfill.

/** The simulated internet's own certificate authority. */
export type Certificates = {
  /** PEM file to trust. */
  readonly caFile: string;
  /** A server's TLS context, with a certificate for these host names. */
  contextFor(name: string, hosts: readonly string[]): SecureContext;
};

const makeKeyPair = promisify(generateKeyPair);
const validForMs = 365 * 86_400_000;
// Made again a week before they end, so that none ends during a run.
const renewBeforeMs = 7 * 86_400_000;

/** Reads the authority from `folder`, or makes it there (two RSA keys, about a second). */
export async function openCertificates(folder: string, nowMs: number): Promise<Certificates> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const caFile = join(folder, 'ca.pem');
  const ca = await openAuthority(folder, nowMs);
  const serverKey = await openKey(join(folder, 'server-key.pem'));
  return {
    caFile,
    contextFor(name, hosts) {
      const file = join(folder, `${name}.pem`);
      if (!isUsable(file, { hosts, caFile, serverKey, nowMs })) {
        const pem = issue({ subject: hosts[0] ?? name, hosts, key: serverKey, nowMs, issuer: ca });
        writeFileSync(file, pem);
      }
      return createSecureContext({ key: serverKey, cert: readFileSync(file) });
    },
  };
}

type Authority = { readonly key: string; readonly subject: string };

async function openAuthority(folder: string, nowMs: number): Promise<Authority> {
  const caFile = join(folder, 'ca.pem');
  const subject = 'Todoku simulator CA';
  const key = await openKey(join(folder, 'ca-key.pem'));
  if (!isUsable(caFile, { hosts: [], caFile, serverKey: key, nowMs })) {
    writeFileSync(caFile, issue({ subject, hosts: [], key, nowMs, issuer: null }));
  }
  return { key, subject };
}

async function openKey(file: string): Promise<string> {
  if (!existsSync(file)) {
    const { privateKey } = await makeKeyPair('rsa', { modulusLength: 2_048 });
    writeFileSync(file, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  }
  return readFileSync(file, 'utf8');
}

function isUsable(
  file: string,
  wanted: {
    readonly hosts: readonly string[];
    readonly caFile: string;
    readonly serverKey: string;
    readonly nowMs: number;
  },
): boolean {
  if (!existsSync(file)) return false;
  const certificate = new X509Certificate(readFileSync(file));
  const authority = new X509Certificate(readFileSync(wanted.caFile));
  return (
    Date.parse(certificate.validTo) - renewBeforeMs > wanted.nowMs &&
    certificate.verify(authority.publicKey) &&
    certificate.checkPrivateKey(createPrivateKey(wanted.serverKey)) &&
    wanted.hosts.every((host) => certificate.checkHost(host) !== undefined)
  );
}

type Order = {
  readonly subject: string;
  readonly hosts: readonly string[];
  readonly key: string;
  readonly nowMs: number;
  /** null: signs itself, as an authority. */
  readonly issuer: Authority | null;
};

function issue(order: Order): string {
  const key = forge.pki.privateKeyFromPem(order.key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  // RFC 5280 §4.1.2.2: a positive integer, different for each certificate of an issuer.
  certificate.serialNumber = `01${fingerprint(`${order.subject} ${order.hosts.join(' ')} ${order.nowMs}`)
    .toString(16)
    .padStart(14, '0')}`;
  certificate.validity.notBefore = new Date(order.nowMs - 86_400_000);
  certificate.validity.notAfter = new Date(order.nowMs + validForMs);
  certificate.setSubject([{ name: 'commonName', value: order.subject }]);
  certificate.setIssuer([{ name: 'commonName', value: order.issuer?.subject ?? order.subject }]);
  certificate.setExtensions(
    order.issuer === null
      ? [
          { name: 'basicConstraints', cA: true, critical: true },
          { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
          { name: 'subjectKeyIdentifier' },
        ]
      : [
          { name: 'basicConstraints', cA: false },
          { name: 'extKeyUsage', serverAuth: true },
          { name: 'subjectAltName', altNames: order.hosts.map((value) => ({ type: 2, value })) },
        ],
  );
  const signer = order.issuer === null ? key : forge.pki.privateKeyFromPem(order.issuer.key);
  certificate.sign(signer, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
