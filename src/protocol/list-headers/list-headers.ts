import { findControl, textField, tokenField } from '../message/index.ts';
import type { HeaderField } from '../message/index.ts';
import { readRemembered } from './verbatim-uri.ts';

/** Where a recipient gets off the list. */
export type Unsubscribe = {
  /** Answers a POST with `List-Unsubscribe=One-Click` (RFC 8058 §3.2). */
  readonly url: string;
  /** `mailto:` URI, or a bare address. */
  readonly mailto: string;
};

// RFC 5322 §2.1.1: 998 characters a line; a URI cannot be folded inside, and brackets and comma stand around it.
const longestUriChars = 900;

/**
 * List-Unsubscribe (RFC 2369 §3.2) and, where the URL is https, List-Unsubscribe-Post (RFC 8058 §3.1 allows one-click for
 * HTTPS only). The URL comes first: RFC 2369 §3 has clients take the leftmost they can.
 * null when a URI is no URI: no such field is better than a broken one, and the caller says so.
 */
export function unsubscribeFields({ url, mailto }: Unsubscribe): readonly HeaderField[] | null {
  const web = readRemembered(url, readLink);
  const mail = readRemembered(/^mailto:/i.test(mailto) ? mailto : `mailto:${mailto}`, readMailto);
  if (web === null || mail === null) return null;
  const field = tokenField('List-Unsubscribe', [`<${web}>,`, `<${mail}>`]);
  return web.startsWith('https:') ? [field, oneClick] : [field];
}

const oneClick = tokenField('List-Unsubscribe-Post', ['List-Unsubscribe=One-Click']);

function readLink(text: string): string | null {
  return readUri(text, ['https:', 'http:']);
}

function readMailto(text: string): string | null {
  return readUri(text, ['mailto:']);
}

function readUri(text: string, protocols: readonly string[]): string | null {
  if (findControl(text) !== null || !URL.canParse(text)) return null;
  const url = new URL(text);
  // RFC 2369 §2: angle brackets end the URI, so they are written as escapes; `href` is ASCII otherwise.
  const href = url.href.replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll(' ', '%20');
  const usable =
    protocols.includes(url.protocol) && /^[\x21-\x7e]+$/.test(href) && href.length <= longestUriChars;
  if (!usable) return null;
  return url.protocol === 'mailto:' && !url.pathname.includes('@') ? null : href;
}

export type ListId = {
  /** For people, null to leave out. */
  readonly description: string | null;
  /** `newsletter.example.jp`: a name under a domain of the sender. */
  readonly id: string;
};

/** List-Id (RFC 2919 §3); null when the id is not dot-atom text with at least one dot. */
export function listIdField({ description, id }: ListId): HeaderField | null {
  if (id.length > 255 || !/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/.test(id)) return null;
  // The description is a phrase; encoded as text it reads the same, and quotes would only clutter it.
  const words =
    description === null
      ? ''
      : textField('List-Id', description.replaceAll(/[<>"(),:;@\\[\]]/g, ' ')).line.slice(9);
  return tokenField('List-Id', [...words.split('\r\n ').filter((word) => word !== ''), `<${id}>`]);
}
