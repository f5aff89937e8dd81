import { domainToASCII, domainToUnicode } from 'node:url';
import { badAddress, visible } from './address-fault.ts';
import type { BadAddress } from './address-fault.ts';

export type GoodDomain = { readonly ok: true; readonly domain: string };

// RFC 1035 §2.3.4: 255 octets on the wire, which is 253 characters as text without the final dot.
const longestDomainOctets = 253;
const longestLabelOctets = 63;

/**
 * A recipient's domain: lower case, IDNA A-labels. Full-width characters must already be half-width.
 * Refused though DNS might know them: IP literals, single labels, numeric top levels.
 */
export function normaliseDomain(text: string): GoodDomain | BadAddress {
  if (text.startsWith('[')) return badAddress('ip-literal');
  // RFC 3490 §3.1: these count as dots. (UTS 46 would map them too, but only when the rest is valid.)
  const dotted = text.replaceAll(/[\u3002\uFF0E\uFF61]/g, '.');
  // A final dot is how DNS writes the root (RFC 1034 §3.1); mail has no use for it, and the name is the same.
  const name = dotted.endsWith('.') ? dotted.slice(0, -1) : dotted;
  if (name === '') return badAddress('missing-domain');
  const fault = unusableCharacter(name);
  if (fault !== null) return fault;
  const ascii = toAscii(name);
  if (ascii === null) return badAddress('idna', name);
  return checkLabels(ascii);
}

function unusableCharacter(name: string): BadAddress | null {
  if (name.includes(',')) return badAddress('comma-in-domain');
  // Letters, marks and digits of any script; U+200C/D are joiners that some scripts need (RFC 5892 A.1, A.2)
  // and IDNA judges. Symbols (emoji domains) are not valid in IDNA 2008, though UTS 46 would let them pass.
  const found = /[^\u200D\p{L}\p{M}\p{N}\-_.\u30FB\u00B7\u200C]/u.exec(name);
  return found === null ? null : badAddress('domain-character', visible(found[0]));
}

function toAscii(name: string): string | null {
  const lower = name.toLowerCase();
  const isAscii = !/[^\0-\x7F]/.test(lower);
  // domainToASCII follows the URL rules: it reads "1.2" as an IPv4 address, so it sees only what needs it.
  if (isAscii && !lower.includes('xn--')) return lower;
  if (isAscii) return roundTrips(lower) ? lower : null;
  const ascii = domainToASCII(lower);
  return ascii === '' ? null : ascii;
}

// RFC 5891 §5.4: a label that begins with xn-- must be a true A-label. domainToUnicode leaves a false one as it is.
function roundTrips(ascii: string): boolean {
  const labels = ascii.split('.').filter((label) => label.startsWith('xn--'));
  return labels.every((label) => {
    const unicode = domainToUnicode(label);
    return unicode !== label && domainToASCII(unicode) === label;
  });
}

function checkLabels(domain: string): GoodDomain | BadAddress {
  if (domain.length > longestDomainOctets) return badAddress('domain-too-long', String(domain.length));
  const labels = domain.split('.');
  for (const label of labels) {
    if (label === '') return badAddress('empty-label');
    if (label.length > longestLabelOctets) return badAddress('label-too-long', label);
    // RFC 5321 §4.1.2: sub-domain = Let-dig [Ldh-str]. An underscore inside is beyond the grammar, yet such
    // host names take mail; at the edges it marks service records (RFC 8552), which never do.
    if (/^[-_]|[-_]$/.test(label)) return badAddress('label-edge', label);
  }
  const top = labels.at(-1) ?? '';
  if (labels.length === 4 && labels.every((label) => /^\d+$/.test(label))) return badAddress('ip-literal');
  if (labels.length < 2) return badAddress('single-label', domain);
  if (/^\d+$/.test(top)) return badAddress('numeric-tld', top);
  if (top.includes('_')) return badAddress('domain-character', visible('_'));
  return { ok: true, domain };
}
