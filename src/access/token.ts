import { createHash } from 'node:crypto';

// 256 bits: guessing is out of the question at any rate, so the store's digest needs no slow hash.
export const secretBytes = 32;

const form = /^tdk_(k-[0-9a-z]{10}-[0-9a-z]{5})_([0-9A-Za-z_-]{43})$/;

// What is longer is no token of ours, and not worth a look.
const longestTokenCharacters = 100;

/** `tdk_<id>_<secret>`: bearer token and SMTP password alike. */
export function tokenText(id: string, secret: Buffer): string {
  return `tdk_${id}_${secret.toString('base64url')}`;
}

/** The id of the key that a token names; null for any other text. Nothing is proved by it. */
export function keyIdOf(token: string): string | null {
  return token.length > longestTokenCharacters ? null : (form.exec(token)?.[1] ?? null);
}

/** What the store keeps of a token. */
export function tokenDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
