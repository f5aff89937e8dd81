import { X509Certificate, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { TlsProblem } from '../../events/index.ts';
import { isUsableTlsa, matchesTlsa } from '../../protocol/dane/index.ts';
import type { TlsaRecord } from '../../protocol/dane/index.ts';

/** What a server's certificate has to prove. */
export type TlsProof =
  /** That an authority we know vouches for the host's name (RFC 8461 §4.2). */
  | { readonly by: 'pkix' }
  /**
   * That it is the one, or issued by the one, which signed DNS records name (RFC 7672 §3). `serverName`: the TLSA base domain, for
   * SNI (§3.2.2); `names`: those that a certificate issued by a trust anchor may be for (§3.2.3).
   */
  | {
      readonly by: 'dane';
      readonly records: readonly TlsaRecord[];
      readonly serverName: string;
      readonly names: readonly string[];
    };

// What Node calls the findings of OpenSSL (X509_verify_cert_error_string) and its own comparison of names.
const problemOfCode: Readonly<Record<string, TlsProblem>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'untrusted',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'name-mismatch',
  HOSTNAME_MISMATCH: 'name-mismatch',
};

/** Why a certificate is not valid for the host, by the code that Node gives (`authorizationError`). */
export function pkixProblem(code: string): TlsProblem {
  return problemOfCode[code] ?? 'untrusted';
}

/** RFC 8461 §4.2: a DNS name of the certificate itself; the common name, which Node falls back on, does not count. */
export function hasDnsName(certificate: X509Certificate, host: string): boolean {
  return (
    certificate.checkHost(host, { subject: 'never', partialWildcards: false, multiLabelWildcards: false }) !==
    undefined
  );
}

/** null: the server proved itself as its TLSA records say; else what is wrong. */
export function daneProblem(
  leaf: X509Certificate,
  proof: TlsProof & { by: 'dane' },
  nowMs: number,
): TlsProblem | null {
  const usable = proof.records.filter(isUsableTlsa);
  const octets = octetsOf(leaf);
  // RFC 7672 §3.1.1: the record binds the key to the host by itself; dates and names in the certificate do not matter.
  if (usable.some((record) => record.usage === 3 && matchesTlsa(record, octets))) return null;
  const anchors = usable.filter(({ usage }) => usage === 2);
  if (anchors.length === 0) return 'dane-mismatch';
  const path = pathToAnchor(leaf, anchors);
  if (path === null) return 'dane-mismatch';
  // RFC 7672 §3.1.2: a trust anchor vouches for names and dates, so these are checked.
  if (path.some((certificate) => !isCurrent(certificate, nowMs))) return 'expired';
  return proof.names.some((name) => leaf.checkHost(name, { partialWildcards: false }) !== undefined)
    ? null
    : 'name-mismatch';
}

// Chains have two to four certificates; a longer one is there to keep us busy.
const longestPath = 10;

/** The certificates from the leaf to one that an anchor names; null when none is reached. */
function pathToAnchor(
  leaf: X509Certificate,
  anchors: readonly TlsaRecord[],
): readonly X509Certificate[] | null {
  const sent = chainOf(leaf);
  const path = [leaf];
  for (let at = leaf; path.length <= longestPath;) {
    const octets = octetsOf(at);
    if (anchors.some((anchor) => matchesTlsa(anchor, octets)) && (at !== leaf || isSelfIssued(leaf)))
      return path;
    if (anchors.some((anchor) => isSignedByBareAnchor(at, anchor))) return path;
    const issuer = sent.find((each) => !path.includes(each) && isIssuedBy(at, each));
    if (issuer === undefined) return null;
    path.push(issuer);
    at = issuer;
  }
  return null;
}

/** What the server sent, the leaf first. */
function chainOf(leaf: X509Certificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let at: X509Certificate | undefined = leaf; at !== undefined && chain.length < longestPath;) {
    chain.push(at);
    at = at.issuerCertificate;
  }
  return chain;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  // RFC 5280 §4.2.1.9: only a certificate marked as an authority's may issue others.
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isSelfIssued(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

/** RFC 7671 §5.2.1, §5.2.2: a whole certificate or key in the record need not be sent by the server. */
function isSignedByBareAnchor(
  certificate: X509Certificate,
  { selector, matching, data }: TlsaRecord,
): boolean {
  if (matching !== 0) return false;
  const key = keyOf(selector, Buffer.from(data));
  return key !== null && certificate.verify(key);
}

function keyOf(selector: number, data: Buffer): KeyObject | null {
  try {
    return selector === 0
      ? new X509Certificate(data).publicKey
      : createPublicKey({ key: data, format: 'der', type: 'spki' });
  } catch {
    // Whatever the DNS has there is no key: it names nobody.
    return null;
  }
}

function octetsOf(certificate: X509Certificate): { certificate: Buffer; publicKey: Buffer } {
  return {
    certificate: certificate.raw,
    publicKey: certificate.publicKey.export({ format: 'der', type: 'spki' }),
  };
}

function isCurrent(certificate: X509Certificate, nowMs: number): boolean {
  return certificate.validFromDate.getTime() <= nowMs && nowMs <= certificate.validToDate.getTime();
}
