import { badAddress, visible } from './address-fault.ts';
import type { BadAddress } from './address-fault.ts';

export type GoodLocalPart = {
  readonly ok: true;
  /** As meant, without quoting. */
  readonly localPart: string;
  /** Its dots break the Dot-string rule and its domain is one where such mailboxes exist. */
  readonly legacy: boolean;
};

/**
 * Carriers that let users register a dot first, last or twice in a row until about 2009; those mailboxes live on.
 * Source: knowledge of providers, `non_rfc_addresses` (https://kurojica.tayori.com/q/schedule-help/detail/592117,
 * https://comipo.zendesk.com/hc/ja/articles/4409766544281).
 */
const legacyDomains = /^(?:docomo\.ne\.jp|ezweb\.ne\.jp|au\.com|(?:[^.]+\.)*vodafone\.ne\.jp)$/;

// RFC 5321 §4.5.3.1.1, counted as it goes over the wire, quoting included.
const longestLocalPartOctets = 64;

/** What stands before the `@`, as a dot-atom or quoted string; `domain` decides whether odd dots may stand. */
export function normaliseLocalPart(written: string, domain: string): GoodLocalPart | BadAddress {
  if (written === '') return badAddress('missing-local');
  return written.startsWith('"') ? quotedString(written, domain) : dotAtom(written, domain);
}

function dotAtom(written: string, domain: string): GoodLocalPart | BadAddress {
  // RFC 6532 §3.1: normalised to NFC, so that one mailbox has one spelling.
  const localPart = written.normalize('NFC');
  const character = unusableInAtom(localPart);
  if (character !== null) return badAddress('local-character', visible(character));
  const fault = dotFault(localPart);
  const legacy = fault !== null && legacyDomains.test(domain);
  if (fault !== null && !legacy) return fault;
  // Odd dots are sent in quotes, which take two octets more.
  return withinLength(localPart, { legacy, wireOctets: Buffer.byteLength(localPart) + (legacy ? 2 : 0) });
}

// RFC 5322 §3.2.3 atext, plus UTF8-non-ascii (RFC 6532 §3.2) that a person could type: no spaces, controls,
// format characters, lone surrogates, private use.
function unusableInAtom(localPart: string): string | null {
  const found = /[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-\u0080-\u{10FFFF}]|[\p{Z}\p{C}]/u.exec(localPart);
  return found === null ? null : found[0];
}

// RFC 5321 §4.1.2: Dot-string = Atom *("." Atom), so a dot has an atom on both sides.
function dotFault(localPart: string): BadAddress | null {
  if (localPart.startsWith('.')) return badAddress('leading-dot');
  if (localPart.includes('..')) return badAddress('consecutive-dots');
  if (localPart.endsWith('.')) return badAddress('trailing-dot');
  return null;
}

function quotedString(written: string, domain: string): GoodLocalPart | BadAddress {
  // RFC 5321 §4.1.2: QcontentSMTP = qtextSMTP / quoted-pairSMTP, both printable ASCII; RFC 6531 §3.3 adds UTF-8.
  const inner = /^"((?:[^"\\]|\\[\x20-\x7E])+)"$/u.exec(written)?.[1];
  if (inner === undefined) return badAddress(written === '""' ? 'missing-local' : 'broken-quoted-string');
  const localPart = inner.replaceAll(/\\(.)/gu, '$1').normalize('NFC');
  const odd = /[^\x20-\x7E\u0080-\u{10FFFF}]|[\p{Zl}\p{Zp}\p{C}]/u.exec(localPart);
  if (odd !== null) return badAddress('local-character', visible(odd[0]));
  // Only what needs its quotes keeps them on the wire.
  const isAtext = unusableInAtom(localPart) === null;
  const hasOddDots = dotFault(localPart) !== null;
  const atom = isAtext && !hasOddDots;
  const quoting = atom ? 0 : 2 + (localPart.match(/["\\]/g)?.length ?? 0);
  // A legacy address is written without quotes; with any other reason for quotes it could not be read back.
  const legacy = isAtext && hasOddDots && legacyDomains.test(domain);
  return withinLength(localPart, { legacy, wireOctets: Buffer.byteLength(localPart) + quoting });
}

function withinLength(
  localPart: string,
  facts: { readonly legacy: boolean; readonly wireOctets: number },
): GoodLocalPart | BadAddress {
  if (facts.wireOctets > longestLocalPartOctets)
    return badAddress('local-too-long', String(facts.wireOctets));
  return { ok: true, localPart, legacy: facts.legacy };
}
