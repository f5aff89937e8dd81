import { createHash } from 'node:crypto';

/** A TLSA record (RFC 6698 §2.1): which certificate or key a server has. */
export type TlsaRecord = {
  readonly usage: number;
  readonly selector: number;
  readonly matching: number;
  readonly data: Uint8Array;
};

/** A certificate as DER, and the public key in it. */
export type CertificateOctets = { readonly certificate: Uint8Array; readonly publicKey: Uint8Array };

// RFC 7218: names of the numbers.
const daneTa = 2;
const daneEe = 3;
const digestOf: Readonly<Record<number, { readonly name: string; readonly octets: number }>> = {
  1: { name: 'sha256', octets: 32 },
  2: { name: 'sha512', octets: 64 },
};

/**
 * RFC 7672 §3.1.3: mail knows the usages DANE-TA(2) and DANE-EE(3) alone; the other two would need an authority that sender and
 * receiver agree on, and are unusable. So is what has a selector or a matching type that we do not know (RFC 6698 §4.1).
 */
export function isUsableTlsa({ usage, selector, matching, data }: TlsaRecord): boolean {
  if (usage !== daneTa && usage !== daneEe) return false;
  if (selector !== 0 && selector !== 1) return false;
  return matching === 0 ? data.length > 0 : digestOf[matching]?.octets === data.length;
}

/** Whether the record names this certificate, or its key (RFC 6698 §2.1.2, §2.1.3). */
export function matchesTlsa({ selector, matching, data }: TlsaRecord, octets: CertificateOctets): boolean {
  const chosen = selector === 0 ? octets.certificate : octets.publicKey;
  if (matching === 0) return Buffer.compare(chosen, data) === 0;
  const digest = digestOf[matching];
  if (digest === undefined) return false;
  return Buffer.compare(createHash(digest.name).update(chosen).digest(), data) === 0;
}

/** `3 1 1 0a1b…`: the presentation form of RFC 6698 §2.2, which reports use (RFC 8460 §4.4). */
export function tlsaText({ usage, selector, matching, data }: TlsaRecord): string {
  return `${usage} ${selector} ${matching} ${Buffer.from(data).toString('hex')}`;
}
