import type { Mail } from './mail.ts';
import { valuesOf } from './mail.ts';
import type { Tell } from './telling.ts';

/** How a recipient of bulk mail gets out of it: List-Unsubscribe (RFC 2369 §3.2), in one click (RFC 8058). */
export function checkUnsubscribe(mail: Mail, tell: Tell): void {
  const [list] = valuesOf(mail, 'list-unsubscribe');
  const [post] = valuesOf(mail, 'list-unsubscribe-post');
  if (list === undefined) {
    if (mail.isBulk) tell('no-unsubscribe', { subject: 'List-Unsubscribe', evidence: 'List-Unsubscribe: -' });
    return;
  }
  const ways = [...list.matchAll(/<\s*([^<>\s]{1,2000})\s*>/g)].map(([, way = '']) => way);
  const hasHttps = ways.some((way) => /^https:\/\//i.test(way));
  const evidence = `List-Unsubscribe: ${list}${post === undefined ? '' : `\nList-Unsubscribe-Post: ${post}`}`;
  const isKnown = ways.some((way) => /^(?:https?:\/\/|mailto:)/i.test(way));
  if (!isKnown) tell('unsubscribe-form', { subject: 'List-Unsubscribe', evidence });
  // RFC 8058 §3.1: exactly this value, and an HTTPS URI to post it to.
  else if (post?.trim() !== 'List-Unsubscribe=One-Click' || !hasHttps)
    tell('no-one-click', { subject: 'List-Unsubscribe-Post', evidence });
}
