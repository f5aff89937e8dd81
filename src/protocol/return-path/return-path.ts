import { openId, sealId } from './sealed-id.ts';
import type { SealKey } from './sealed-id.ts';

export type ReturnPathParts = {
  readonly message: number | string;
  /** Return-path domain, A-labels; its MX is ours. */
  readonly domain: string;
  readonly key: SealKey;
};

/**
 * The envelope sender of one message (RFC 5321 §4.4): `b-<id>-<seal>@domain`. A bounce comes back to it, and the seal
 * proves that the mail it speaks of was ours (VERP). All lower case, since some servers fold it; at most 60 of the 64
 * octets that RFC 5321 §4.5.3.1.1 grants a local part.
 */
export function makeReturnPath({ message, domain, key }: ReturnPathParts): string {
  const host = domain.toLowerCase();
  return `b-${sealId(purposeFor(host), message, key)}@${host}`;
}

/** The domain is sealed in, so that an address of one tenant's domain is none of another's. */
function purposeFor(domain: string): string {
  return `return-path ${domain}`;
}

export type ReturnPathReading =
  | { readonly ok: true; readonly message: number | string }
  | { readonly ok: false; readonly failure: 'other-domain' | 'malformed' | 'forged' };

/** Reads the address that a bounce came to, in any letter case. `keys`: the current one and those honoured still. */
export function readReturnPath(address: string, domain: string, keys: readonly SealKey[]): ReturnPathReading {
  // RFC 5321 §4.5.3.1.3: a path has at most 256 octets; longer input is not worth reading.
  if (address.length > 256) return { ok: false, failure: 'malformed' };
  const lower = address
    .trim()
    .replace(/^<(.*)>$/, '$1')
    .toLowerCase();
  const at = lower.lastIndexOf('@');
  if (at < 0) return { ok: false, failure: 'malformed' };
  const host = domain.toLowerCase();
  if (lower.slice(at + 1) !== host) return { ok: false, failure: 'other-domain' };
  const localPart = lower.slice(0, at);
  if (!localPart.startsWith('b-')) return { ok: false, failure: 'malformed' };
  const opened = openId(purposeFor(host), localPart.slice(2), keys);
  return opened.ok ? { ok: true, message: opened.id } : opened;
}
