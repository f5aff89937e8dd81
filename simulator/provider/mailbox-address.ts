/** A recipient as the provider looks it up: local part unquoted, both in lower case. */
export type MailboxAddress = { readonly full: string; readonly localPart: string; readonly domain: string };

/** Reads a path or an address, `"a..b"@docomo.ne.jp` as well as `a..b@docomo.ne.jp`. */
export function readMailboxAddress(path: string): MailboxAddress {
  const at = path.lastIndexOf('@');
  const domain = at === -1 ? '' : path.slice(at + 1).toLowerCase();
  const written = (at === -1 ? path : path.slice(0, at)).toLowerCase();
  const localPart = /^".*"$/s.test(written) ? written.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : written;
  return { full: `${localPart}@${domain}`, localPart, domain };
}
