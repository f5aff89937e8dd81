import { domainToASCII } from 'node:url';
import { findControl } from './control-characters.ts';

/** A mailbox address in its parts (RFC 5321 §4.1.2). `domain` is ASCII (IDNA A-labels), lower case. */
export type Address = {
  /** Local part as meant, without quoting: `a..b` for `"a..b"@docomo.ne.jp`. */
  readonly localPart: string;
  readonly domain: string;
};

// RFC 5322 §3.2.3 atext; RFC 6532 §3.2 adds everything beyond ASCII.
const dotAtom =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{80}-\u{10ffff}-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{80}-\u{10ffff}-]+)*$/u;

// RFC 5321 §4.5.3.1.1 and §4.5.3.1.2
const longestLocalPartOctets = 64;
const longestDomainOctets = 255;
// RFC 1035 §2.3.4 and RFC 5321 §4.1.2 (sub-domain = Let-dig [Ldh-str]); `_` is seen in the wild and resolves.
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** `local@domain` as it stands in a header or an SMTP command: the local part quoted when it has to be. */
export function formatAddress(address: Address): string {
  return `${quoteLocalPart(address.localPart)}@${address.domain}`;
}

function quoteLocalPart(localPart: string): string {
  // RFC 5321 §4.1.2: Dot-string when possible, else Quoted-string. Old docomo and au addresses such as `a..b` need it.
  if (dotAtom.test(localPart)) return localPart;
  return `"${localPart.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

export type AddressProblem =
  | 'empty'
  | 'no-domain'
  | 'bad-domain'
  | 'bad-local-part'
  | 'control-character'
  | 'too-long';

/**
 * Splits `local@domain`; the local part may be quoted or, as in old Japanese mobile addresses, unquoted with dots
 * where RFC 5321 wants none.
 */
export function readAddress(text: string): Address | AddressProblem {
  if (text === '') return 'empty';
  if (findControl(text) !== null) return 'control-character';
  const at = text.lastIndexOf('@');
  if (at < 0 || at === text.length - 1) return 'no-domain';
  const localPart = readLocalPart(text.slice(0, at));
  if (localPart === null) return 'bad-local-part';
  const domain = readDomain(text.slice(at + 1));
  if (domain === null) return 'bad-domain';
  if (Buffer.byteLength(localPart, 'utf8') > longestLocalPartOctets) return 'too-long';
  return { localPart, domain };
}

function readLocalPart(text: string): string | null {
  if (text === '' || !text.isWellFormed()) return null;
  if (!text.startsWith('"')) return /[\s"(),:;<>@[\\\]]/.test(text) ? null : text;
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(text);
  if (quoted === null) return null;
  const inner = (quoted[1] ?? '').replaceAll(/\\(.)/g, '$1');
  return inner === '' ? null : inner;
}

/** A domain name as lower-case A-labels (RFC 5890), null when it is none. Address literals are not taken. */
export function readDomain(text: string): string | null {
  // domainToASCII is written for URLs and would cut or change these.
  if (/[\s/?#@:\\%[\]]/.test(text)) return null;
  const ascii = domainToASCII(text).toLowerCase();
  if (ascii === '' || ascii.length > longestDomainOctets) return null;
  if (/^[\d.]+$/.test(ascii)) return null;
  return ascii.split('.').every((part) => label.test(part)) ? ascii : null;
}
