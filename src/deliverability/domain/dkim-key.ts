import { createPublicKey } from 'node:crypto';
import { readTagList } from './tag-list.ts';

/** A DKIM key record (RFC 6376 §3.6.1), or why verifiers cannot use it. */
export type DkimKeyReading =
  | { readonly ok: false; readonly fault: string }
  | {
      readonly ok: true;
      readonly kind: 'rsa' | 'ed25519';
      /** 256 for Ed25519; 0 where the key is revoked. */
      readonly bits: number;
      /** p= is empty: the key was taken back. */
      readonly revoked: boolean;
      /** t=y */
      readonly testing: boolean;
      /** h=; empty: any. */
      readonly hashes: readonly string[];
      /** s=; `*`: any. */
      readonly services: readonly string[];
      /** p= without blanks. */
      readonly publicKey: string;
    };

/** Reads one TXT record. */
export function readDkimKey(record: string): DkimKeyReading {
  const tags = readTags(record);
  if (typeof tags === 'string') return { ok: false, fault: tags };
  const version = tags.get('v');
  // RFC 6376 §3.6.1: v= is optional, and if present the first tag.
  if (version !== undefined && (version !== 'DKIM1' || [...tags.keys()][0] !== 'v'))
    return { ok: false, fault: `v=${version}` };
  const kind = (tags.get('k') ?? 'rsa').toLowerCase();
  if (kind !== 'rsa' && kind !== 'ed25519') return { ok: false, fault: `k=${kind}` };
  const written = tags.get('p');
  if (written === undefined) return { ok: false, fault: 'p= is missing' };
  const publicKey = written.replaceAll(/[ \t\r\n]/g, '');
  const bits = publicKey === '' ? 0 : bitsOf(kind, publicKey);
  if (bits === null) return { ok: false, fault: `p= is no ${kind} key` };
  return {
    ok: true,
    kind,
    bits,
    revoked: publicKey === '',
    testing: listOf(tags.get('t')).includes('y'),
    hashes: listOf(tags.get('h')),
    services: listOf(tags.get('s') ?? '*'),
    publicKey,
  };
}

/** RFC 6376 §3.2: a tag that comes twice makes the whole list invalid. */
function readTags(record: string): ReadonlyMap<string, string> | string {
  const tags = new Map<string, string>();
  for (const { name, value } of readTagList(record)) {
    if (name === null) return value;
    if (tags.has(name)) return `${name}= comes twice`;
    tags.set(name, value);
  }
  return tags;
}

function listOf(value: string | undefined): readonly string[] {
  return (value ?? '').split(':').flatMap((each) => (each.trim() === '' ? [] : each.trim().toLowerCase()));
}

// RFC 8463 §4.2: the bare 32 octets; this is what stands before them in a SubjectPublicKeyInfo (RFC 8410 §4).
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex');

function bitsOf(kind: 'rsa' | 'ed25519', publicKey: string): number | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(publicKey)) return null;
  const der = Buffer.from(publicKey, 'base64');
  if (kind === 'ed25519') return der.length === 32 && isKey(Buffer.concat([ed25519Prefix, der])) ? 256 : null;
  // RFC 6376 §3.6.1 asks for a SubjectPublicKeyInfo in all but name (erratum 3017); a bare RSAPublicKey is met too.
  const key = openKey(der, 'spki') ?? openKey(der, 'pkcs1');
  return key?.asymmetricKeyType === 'rsa' ? (key.asymmetricKeyDetails?.modulusLength ?? null) : null;
}

function isKey(der: Buffer): boolean {
  return openKey(der, 'spki') !== null;
}

function openKey(der: Buffer, type: 'spki' | 'pkcs1'): ReturnType<typeof createPublicKey> | null {
  try {
    return createPublicKey({ key: der, format: 'der', type });
  } catch (error) {
    // OpenSSL has dozens of codes for "this is no key".
    if (error instanceof Error) return null;
    throw error;
  }
}
