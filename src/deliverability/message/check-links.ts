import { domainToUnicode } from 'node:url';
import { isIP } from 'node:net';
import { getDomain, parse } from 'tldts';
import { latinReading } from '../address/look-alike.ts';
import type { HtmlLink } from './html-view.ts';
import type { Mail } from './mail.ts';
import type { Tell } from './telling.ts';
import { exampleLines } from './telling.ts';

type Target = HtmlLink & { readonly url: URL };

/** Where the links of a mail lead, against what they say. No link is opened. */
export function checkLinks(mail: Mail, tell: Tell, shorteners: ReadonlySet<string>): void {
  const links = linksOf(mail);
  const targets = links.flatMap((link) => {
    const url = urlOf(link.href);
    return url === null ? [] : [{ ...link, url }];
  });
  const report = (entry: string, faulty: readonly HtmlLink[]): void => {
    const lines = [
      ...new Set(faulty.map(({ text, href }) => (text === '' || text === href ? href : `${text} → ${href}`))),
    ];
    if (lines.length > 0) tell(entry, { evidence: exampleLines(lines), values: { count: lines.length } });
  };
  const hidden = links.filter(({ href }) => isObfuscated(href));
  report('link-obfuscated', hidden);
  const open = targets.filter((target) => !hidden.some(({ href }) => href === target.href));
  report('link-text-differs', open.filter(differs));
  report(
    'link-ip',
    open.filter(({ url }) => isAddress(url.hostname)),
  );
  report(
    'link-look-alike',
    open.filter(({ url }) => poses(url.hostname)),
  );
  report(
    'link-shortener',
    open.filter(({ url }) => shorteners.has(url.hostname.replace(/^www\./, ''))),
  );
  report(
    'link-http',
    open.filter(({ url }) => url.protocol === 'http:' && !isAddress(url.hostname)),
  );
}

// More are not looked at in a text.
const mostTextLinks = 1_000;

/** All links, those of the plain text too. */
export function linksOf(mail: Mail): readonly HtmlLink[] {
  const inText = [...(mail.text ?? '').matchAll(/https?:\/\/[^\s<>"'（）「」、。]{1,2000}/gi)]
    .slice(0, mostTextLinks)
    .map(([href]) => ({ href: href.replace(/[.,;:!?)\]]+$/, ''), text: '' }));
  return [...(mail.view?.links ?? []), ...inText];
}

/** A web address; null: mailto, tel, an anchor, or nothing that can be read. */
export function urlOf(href: string): URL | null {
  const url = URL.parse(href);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url : null;
}

/** Written so that people, or filters, do not see where it leads. */
function isObfuscated(href: string): boolean {
  if (/^\s*(?:javascript|vbscript|data):/i.test(href)) return true;
  if (!/^https?:/i.test(href)) return false;
  const [, authority = ''] = /^https?:[/\\]*([^/?#\\]*)/i.exec(href) ?? [];
  // RFC 3986 §3.2.1 (user:password@), §7.4 (numbers for an address); a host has no %-escapes in practice.
  const isNumber = /^(?:0x[0-9a-f]+|\d{8,10}|0\d+(?:\.0?\d+){3})(?::\d+)?$/i.test(authority);
  return (
    isNumber ||
    /[@%]/.test(authority) ||
    /^https?:\\/i.test(href) ||
    /[\u00ad\u200b-\u200f\u2060\ufeff]/.test(href)
  );
}

/** What stands there is a web address, of somebody else than where it leads. */
function differs({ text, url }: Target): boolean {
  const [, host] =
    /^(?:https?:\/\/)?((?:[\p{L}\p{N}-]{1,63}\.)+[\p{L}]{2,24})(?:[/:?#]\S*)?$/iu.exec(text) ?? [];
  if (host === undefined) return false;
  const shown = parse(host.toLowerCase());
  // `Todoku.ts` or `Ver.2` is no web address: the suffix has to be one of the public list.
  if (shown.isIcann !== true || shown.domain === null) return false;
  return (
    shown.domain !== (getDomain(domainToUnicode(url.hostname)) ?? '') &&
    shown.domain !== getDomain(url.hostname)
  );
}

function isAddress(host: string): boolean {
  return isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** A name in letters of another script that are drawn like Latin ones. */
function poses(host: string): boolean {
  return host.includes('xn--') && latinReading(domainToUnicode(host)) !== null;
}
