import type { KeyRequest, MadeKey } from './key.ts';
import { secretBytes, tokenDigest, tokenText } from './token.ts';

export type KeyMaking = {
  readonly nowMs: number;
  /** [0, 1), for the id. */
  readonly random: () => number;
  /** Bytes from a cryptographic source, for the secret. */
  readonly randomBytes: (count: number) => Buffer;
};

/** A new key with its token, and the digest that the store keeps in its place. */
export function makeKey(request: KeyRequest, making: KeyMaking): MadeKey & { readonly digest: Buffer } {
  const { nowMs, random, randomBytes } = making;
  const id = newKeyId(nowMs, random);
  const token = tokenText(id, randomBytes(secretBytes));
  const { name, scopes, domains, sandbox, requestsPerMinute } = request;
  return {
    key: {
      id,
      name,
      scopes: [...new Set(scopes)].toSorted(),
      domains: domains === null ? null : [...new Set(domains)].toSorted(),
      sandbox,
      requestsPerMinute,
      createdMs: nowMs,
      revokedMs: null,
    },
    token,
    digest: tokenDigest(token),
  };
}

// Crockford's base 32 without i, l, o, u, as in the names of campaigns: nothing can be misread on the telephone.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** `k-` and the form of campaign names: ten characters of time, five of chance. */
function newKeyId(nowMs: number, random: () => number): string {
  let time = '';
  for (let rest = nowMs, i = 0; i < 10; i++, rest = Math.floor(rest / 32))
    time = alphabet.charAt(rest % 32) + time;
  const chance = Array.from({ length: 5 }, () => alphabet.charAt(Math.floor(random() * 32))).join('');
  return `k-${time}-${chance}`;
}
