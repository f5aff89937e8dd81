import type { Address } from '../message/index.ts';

// RFC 5321 §4.1.2: Dot-string = Atom *("." Atom), Atom = 1*atext; RFC 6531 §3.3 adds all of UTF-8 beyond ASCII to atext.
const dotString = /^[\w!#$%&'*+/=?^`{|}~\u00a0-\uffff-]+(?:\.[\w!#$%&'*+/=?^`{|}~\u00a0-\uffff-]+)*$/;
// RFC 5321 §4.1.2: quoted strings hold %d32-126 (and UTF-8); never a control character, whatever its encoding.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f]/;
// RFC 5321 §4.1.2 Domain, with the underscore that real host names have; A-labels only (IDNA is done before).
const domainName = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
// RFC 5321 §4.1.3 address-literal: dtext is %d33-90 / %d94-126.
const addressLiteral = /^\[[!-Z^-~]+\]$/;

// RFC 5321 §4.5.3.1.2 sets 255 octets for a domain; §4.5.3.1.1 sets 64 for a local part, but says that longer ones may be
// tried, and signed return paths are longer. The command line has 512 octets (§4.5.3.1.4); this leaves room for parameters.
const longestDomainOctets = 255;
const longestLocalOctets = 400;

/**
 * The Path of MAIL FROM and RCPT TO: `<taro@example.jp>`, `<"a..b"@docomo.ne.jp>`. `localPart` is unquoted. null when
 * the two cannot be written as one command argument: a control character, a broken domain, too long.
 */
export function formatPath(localPart: string, domain: string): string | null {
  if (domain.length > longestDomainOctets) return null;
  if (!domainName.test(domain) && !addressLiteral.test(domain)) return null;
  if (localPart.length === 0 || localPart.length > longestLocalOctets) return null;
  if (control.test(localPart) || !localPart.isWellFormed()) return null;
  // RFC 5321 §4.1.2: what is not a Dot-string is sent as a Quoted-string. Old docomo and au addresses need it: `a..b@`, `a.@`.
  const local = dotString.test(localPart) ? localPart : `"${localPart.replace(/["\\]/g, '\\$&')}"`;
  return `<${local}@${domain}>`;
}

/** Splits a normalised address (local part unquoted) at its last `@`; null when there is none or a side is empty. */
export function splitAddress(text: string): Address | null {
  const at = text.lastIndexOf('@');
  if (at < 1 || at === text.length - 1) return null;
  return { localPart: text.slice(0, at), domain: text.slice(at + 1) };
}
