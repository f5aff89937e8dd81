import { normaliseAddress } from '../contacts/index.ts';

/** A domain as strangers write it, in lower-case A-labels; null: it is none. A domain is right when an address at it is. */
export function domainNameIn(text: string): string | null {
  if (text.includes('@') || text.length > 253) return null;
  const read = normaliseAddress(`postmaster@${text}`);
  return read.ok ? read.address.domain : null;
}
