import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Secret that seals ids, at least 16 octets; a `KeyObject` (createSecretKey) saves the copy per call. */
export type SealKey = KeyObject | Buffer;

// 80 bits: the least that RFC 2104 §5 recommends for a truncated HMAC. A forger can only try online, one guess per
// mail or request, and gains one false bounce or unsubscribe; a longer seal would cost local-part octets.
const sealOctets = 10;
const sealChars = 16;

// RFC 4648 §6 in lower case: 32 letters that survive servers and people who fold case.
const base32Letters = 'abcdefghijklmnopqrstuvwxyz234567';

const idText = /^[a-z0-9]{1,40}$/;

/**
 * `<kind><id>-<seal>`: a number in base 36 after `n`, a text id after `s`; all lower case. The seal covers the purpose,
 * so that a token for one thing is none for another.
 */
export function sealId(purpose: string, id: number | string, key: SealKey): string {
  const plain = plainId(id);
  return `${plain}-${sealOf(purpose, plain, key)}`;
}

function plainId(id: number | string): string {
  if (typeof id === 'number') {
    // Ids are ours: another value is a bug.
    if (!Number.isSafeInteger(id) || id < 0) throw new RangeError(`not an id: ${id}`);
    return `n${id.toString(36)}`;
  }
  if (!idText.test(id))
    throw new RangeError(`not an id of lower-case letters and digits: ${JSON.stringify(id)}`);
  return `s${id}`;
}

export type OpenedId =
  | { readonly ok: true; readonly id: number | string }
  | { readonly ok: false; readonly failure: 'malformed' | 'forged' };

/** Reads what `sealId` wrote, in any letter case, under the newest key or an older one that is still honoured. */
export function openId(purpose: string, sealed: string, keys: readonly SealKey[]): OpenedId {
  const match = /^([ns])([a-z0-9]{1,40})-([a-z2-7]{16})$/.exec(sealed.toLowerCase());
  const [, kind, text = '', seal = ''] = match ?? [];
  if (match === null || (kind === 'n' && !isNumberText(text))) return { ok: false, failure: 'malformed' };
  const given = Buffer.from(seal, 'latin1');
  // Every key is tried, so that the time says nothing about which one it was.
  const genuine = keys.filter((key) =>
    timingSafeEqual(given, Buffer.from(sealOf(purpose, `${kind}${text}`, key), 'latin1')),
  );
  if (genuine.length === 0) return { ok: false, failure: 'forged' };
  return { ok: true, id: kind === 'n' ? Number.parseInt(text, 36) : text };
}

/** One spelling per number: no leading zeros, nothing beyond exact integers. */
function isNumberText(text: string): boolean {
  const value = Number.parseInt(text, 36);
  return Number.isSafeInteger(value) && value.toString(36) === text;
}

function sealOf(purpose: string, plain: string, key: SealKey): string {
  // NUL occurs in neither part, so no two pairs give the same input.
  const digest = createHmac('sha256', key).update(`${purpose}\0${plain}`, 'utf8').digest();
  return base32(digest.subarray(0, sealOctets));
}

function base32(octets: Buffer): string {
  let out = '';
  let bits = 0;
  let value = 0;
  for (const octet of octets) {
    value = (value << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += base32Letters.charAt((value >> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return out.slice(0, sealChars);
}
