import { isIPv6 } from 'node:net';
import { readSpfTerms } from './spf-term.ts';

/**
 * The record that lets these addresses send besides whom the published ones name; several are merged into one. What is there stays as
 * it was written, in its order. A record that nobody can read is not repaired: a new one stands in its place.
 */
export function mergeSpf(published: readonly string[], missing: readonly string[]): string {
  const readable = published.map((record) => readSpfTerms(record)).filter(({ wrong }) => wrong === null);
  const terms = readable.flatMap((record) => record.terms);
  const all = terms.filter(({ name }) => name === 'all');
  const redirects = terms.filter(({ name }) => name === 'redirect');
  const others = terms.filter(({ name }) => name !== 'all' && name !== 'redirect').map(({ text }) => text);
  // Literal addresses first: they cost no look-up (RFC 7208 §4.6.4).
  const own = missing.map((ip) => (isIPv6(ip) ? `ip6:${ip}` : `ip4:${ip}`));
  const last = endOf(
    all.map(({ text }) => text),
    redirects.map(({ text }) => text),
  );
  return [...new Set(['v=spf1', ...own, ...others, ...last])].join(' ');
}

/** RFC 7208 §6.1: with `all` a redirect is ignored; §6: two are an error, so that all but the last become includes. */
function endOf(all: readonly string[], redirects: readonly string[]): readonly string[] {
  const included = redirects.map((text) => `include:${text.slice('redirect='.length)}`);
  const strongest = [...all].toSorted((one, other) => strength(other) - strength(one))[0];
  if (strongest === undefined && redirects.length === 1) return redirects;
  // `~all`: what DMARC counts as a failure, and no receiver refuses before it has looked at DKIM (RFC 9989 §8.1).
  const end = strongest === undefined || strength(strongest) < 2 ? '~all' : strongest;
  // Beside `all` a redirect has no effect, and gets none by being merged.
  return all.length > 0 && redirects.length < 2 ? [end] : [...included, end];
}

function strength(all: string): number {
  if (all.startsWith('-')) return 3;
  if (all.startsWith('~')) return 2;
  return all.startsWith('?') ? 1 : 0;
}
