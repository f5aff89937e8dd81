import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import type { Certificate } from './certificate.ts';

/** What a certificate is to say. */
export type Order = {
  readonly hosts: readonly string[];
  /** Days from now; the past for one that has expired. */
  readonly fromDays?: number;
  readonly toDays?: number;
};

/** A certificate authority of one test. */
export type TestAuthority = {
  /** PEM. */
  readonly certificate: string;
  /** `cert` is the certificate alone; a server that sends its chain sends `chain`. */
  issue(order: Order): Certificate & { readonly chain: string };
  /** Signed by itself. */
  selfSigned(order: Order): Certificate;
};

const dayMs = 86_400_000;

/** Makes an authority with fresh keys: nothing secret is ever in the repository. */
export function makeAuthority(name = 'Test authority'): TestAuthority {
  const [ca, server] = [newKey(), newKey()];
  const certificate = sign({ subject: name, hosts: [], key: ca, isAuthority: true }, { name, key: ca });
  return {
    certificate,
    issue(order) {
      const cert = sign({ subject: order.hosts[0] ?? '', ...order, key: server }, { name, key: ca });
      return { key: server, cert, chain: `${cert}\n${certificate}` };
    },
    selfSigned(order) {
      const subject = order.hosts[0] ?? '';
      return { key: server, cert: sign({ subject, ...order, key: server }, { name: subject, key: server }) };
    },
  };
}

/** `3 1 1` and the like of a PEM certificate, as the octets of a TLSA record (RFC 6698 §2.1). */
export function tlsaOf(
  pem: string,
  [usage, selector, matching]: readonly [number, number, number],
): { usage: number; selector: number; matching: number; data: Buffer } {
  const x509 = new X509Certificate(pem);
  const chosen = selector === 0 ? x509.raw : x509.publicKey.export({ format: 'der', type: 'spki' });
  const digest = (name: string): Buffer => createHash(name).update(chosen).digest();
  const data = matching === 0 ? chosen : digest(matching === 1 ? 'sha256' : 'sha512');
  return { usage, selector, matching, data };
}

type Draft = Order & { readonly subject: string; readonly key: string; readonly isAuthority?: boolean };

function sign(draft: Draft, issuer: { readonly name: string; readonly key: string }): string {
  const key = forge.pki.privateKeyFromPem(draft.key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(8))}`;
  const nowMs = Date.now();
  certificate.validity.notBefore = new Date(nowMs + (draft.fromDays ?? -1) * dayMs);
  certificate.validity.notAfter = new Date(nowMs + (draft.toDays ?? 2) * dayMs);
  certificate.setSubject([{ name: 'commonName', value: draft.subject }]);
  certificate.setIssuer([{ name: 'commonName', value: issuer.name }]);
  certificate.setExtensions(
    draft.isAuthority === true
      ? [
          { name: 'basicConstraints', cA: true, critical: true },
          { name: 'keyUsage', keyCertSign: true, critical: true },
        ]
      : [{ name: 'subjectAltName', altNames: draft.hosts.map((value) => ({ type: 2, value })) }],
  );
  certificate.sign(forge.pki.privateKeyFromPem(issuer.key), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}
