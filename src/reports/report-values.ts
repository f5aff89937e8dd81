import { isIP } from 'node:net';

// 2100-01-01 in seconds: what is greater was written in milliseconds.
const latestSeconds = 4_102_444_800;

/** A time as seconds since 1970: written so, in milliseconds, or as a date of RFC 3339 or RFC 5322. */
export function secondsOf(text: string | null): number | null {
  if (text === null) return null;
  const trimmed = text.trim();
  if (/^\d{1,10}(?:\.\d+)?$/.test(trimmed) && Number(trimmed) <= latestSeconds)
    return Math.trunc(Number(trimmed));
  if (/^\d{11,14}(?:\.\d+)?$/.test(trimmed)) return Math.trunc(Number(trimmed) / 1_000);
  return dateSeconds(trimmed);
}

// Hours east of Greenwich. Date knows the zones of RFC 5322 §4.3 (EST, PDT, …) and no others.
const zones: ReadonlyMap<string, string> = new Map([
  ['JST', '+0900'],
  ['CET', '+0100'],
  ['CEST', '+0200'],
  ['BST', '+0100'],
  ['EET', '+0200'],
  ['EEST', '+0300'],
  ['MSK', '+0300'],
  ['AEST', '+1000'],
  ['NZST', '+1200'],
  ['NZDT', '+1300'],
]);

/** `Thu, 8 Mar 2005 14:00:00 EDT`, `8 Oct 2011 20:15:58 +0000 (GMT)`, `2016-04-01T00:00:00Z`. */
function dateSeconds(text: string): number | null {
  if (text.length > 100) return null;
  const bare = text.replaceAll(/\([^()]*\)/g, ' ').trim();
  const [zone = ''] = /[A-Z]{3,4}$/.exec(bare) ?? [];
  const milliseconds = Date.parse(bare.replace(/[A-Z]{3,4}$/, zones.get(zone) ?? zone));
  return Number.isNaN(milliseconds) ? null : Math.trunc(milliseconds / 1_000);
}

/** A count of zero or more; null for anything else. */
export function countOf(text: string | null): number | null {
  const trimmed = text?.trim().replaceAll(',', '') ?? '';
  return /^\d{1,15}$/.test(trimmed) ? Number(trimmed) : null;
}

/** `2`, `2.0`, `1.0`. */
export function numberOf(text: string | null): number | null {
  const trimmed = text?.trim() ?? '';
  return /^\d{1,9}(?:\.\d{1,9})?$/.test(trimmed) ? Number(trimmed) : null;
}

/** A word of the formats: lower case. */
export function wordOf(text: string | null): string | null {
  return text?.trim().toLowerCase() ?? null;
}

/** A domain for comparing: lower case, without the dot of the root. */
export function comparableDomain(name: string | null): string {
  return name?.trim().toLowerCase().replace(/\.$/, '') ?? '';
}

/** An address without what reporters put around it: `[192.0.2.1]`, `IPv6:…`, `192.0.2.1 (host.example)`. Else as sent. */
export function addressOf(text: string | null): string | null {
  if (text === null || text.trim() === '') return null;
  const first = text.trim().split(/[\s,;(]/, 1)[0] ?? '';
  const bare = first.replace(/^\[?(?:ipv6:)?/i, '').replace(/\]$/, '');
  if (isIP(bare) === 0) return text.trim();
  return isIP(bare) === 6 ? canonicalAddress(bare) : bare;
}

/** RFC 5952: one spelling for each IPv6 address. */
function canonicalAddress(address: string): string {
  const lower = address.toLowerCase();
  // Zones mean nothing to others, and IPv4 within IPv6 is written with dots (RFC 5952 §5), which URL does not.
  if (lower.includes('%') || lower.includes('.')) return lower;
  return new URL(`http://[${lower}]/`).hostname.slice(1, -1);
}
