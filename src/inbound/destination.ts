import { readReturnPath, readToken } from '../protocol/return-path/index.ts';
import type { SealKey } from '../protocol/return-path/index.ts';

/** Mailboxes that we take mail for at each of our domains, besides return paths. */
export type Role = 'bounce' | 'fbl' | 'dmarc' | 'tlsrpt' | 'unsubscribe' | 'postmaster' | 'abuse';

/** Whom a mail that came in is for. */
export type Destination =
  | { readonly kind: 'return-path'; readonly messageId: number }
  | { readonly kind: 'unsubscribe'; readonly messageId: number }
  | { readonly kind: 'role'; readonly role: Role }
  /** Somebody wants this mail looked at; `token`: where the result goes. */
  | { readonly kind: 'diagnosis'; readonly token: string }
  /** Made like a return path or a token of ours, but the seal is not ours. */
  | { readonly kind: 'forged' }
  | { readonly kind: 'unknown'; readonly reason: 'other-domain' | 'no-such-mailbox' | 'malformed' };

export type DestinationParts = {
  /** Return-path domains: bounces come to these. Lower case, A-labels. */
  readonly returnPathDomains: readonly string[];
  /** All domains of ours, whose role addresses are read; those of the return paths are added. */
  readonly domains: readonly string[];
  /** Domain of the diagnosis addresses; null or left out: there are none. */
  readonly diagnosisDomain?: string | null;
  /** The key in use and older ones that are honoured still. */
  readonly keys: readonly SealKey[];
};

// RFC 2142 §3, §5: postmaster and abuse; the others are named in DMARC (rua), TLSRPT (rua), feedback loops and
// List-Unsubscribe of our mail. The second spellings are what people write into DNS.
const roles: Readonly<Record<string, Role>> = {
  bounce: 'bounce',
  bounces: 'bounce',
  fbl: 'fbl',
  dmarc: 'dmarc',
  tlsrpt: 'tlsrpt',
  unsubscribe: 'unsubscribe',
  postmaster: 'postmaster',
  abuse: 'abuse',
};

/** Reads envelope recipients; pure, so that a stranger's guess costs an HMAC and no look-up. */
export function createDestinations(parts: DestinationParts): (address: string) => Destination {
  const returnPaths = new Set(parts.returnPathDomains.map((name) => name.toLowerCase()));
  const diagnosis = parts.diagnosisDomain?.toLowerCase() ?? null;
  const own = new Set([...returnPaths, ...parts.domains.map((name) => name.toLowerCase())]);
  if (diagnosis !== null) own.add(diagnosis);
  return (address) => {
    // RFC 5321 §4.5.3.1.3: a path has at most 256 octets.
    const bare = address.length > 256 ? '' : address.trim().replace(/^<(.*)>$/, '$1');
    // RFC 5321 §4.5.1: `postmaster` without a domain has to be taken.
    if (bare.toLowerCase() === 'postmaster') return { kind: 'role', role: 'postmaster' };
    const at = bare.lastIndexOf('@');
    if (at < 1) return { kind: 'unknown', reason: 'malformed' };
    const domain = bare.slice(at + 1).toLowerCase();
    if (!own.has(domain)) return { kind: 'unknown', reason: 'other-domain' };
    const local = bare.slice(0, at).toLowerCase();
    const role = Object.hasOwn(roles, local) ? roles[local] : undefined;
    if (role !== undefined) return { kind: 'role', role };
    if (domain === diagnosis && local.startsWith('check-')) return diagnosisFor(local, parts.keys);
    if (!returnPaths.has(domain)) return { kind: 'unknown', reason: 'no-such-mailbox' };
    return sealed(bare, { local, domain, keys: parts.keys });
  };
}

/** Only tokens that we gave out: whoever guesses one finds no result, and fills no disk. */
function diagnosisFor(local: string, keys: readonly SealKey[]): Destination {
  const token = local.slice('check-'.length);
  const read = readToken(token, 'diagnosis', keys);
  return read.ok && typeof read.id === 'string' ? { kind: 'diagnosis', token } : { kind: 'forged' };
}

type SealedParts = { readonly local: string; readonly domain: string; readonly keys: readonly SealKey[] };

function sealed(address: string, { local, domain, keys }: SealedParts): Destination {
  if (local.startsWith('unsubscribe+')) {
    const token = readToken(local.slice('unsubscribe+'.length), 'unsubscribe', keys);
    if (token.ok && typeof token.id === 'number') return { kind: 'unsubscribe', messageId: token.id };
    return { kind: 'forged' };
  }
  const path = readReturnPath(address, domain, keys);
  if (path.ok && typeof path.message === 'number') return { kind: 'return-path', messageId: path.message };
  const isForged = path.ok || path.failure === 'forged';
  return isForged ? { kind: 'forged' } : { kind: 'unknown', reason: 'no-such-mailbox' };
}
