/** Where a domain wants its reports. */
export type ReportAddress =
  | { readonly kind: 'mail'; readonly address: string }
  | { readonly kind: 'https'; readonly url: string };

const version = /^v=TLSRPTv1[ \t]*;/;
// A record of strangers must not make us send a report to everybody.
const mostAddresses = 4;
const addressForm = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/;

/** Reads the TXT records of `_smtp._tls.DOMAIN` (RFC 8460 §3); empty: no reports are wanted. */
export function readReportAddresses(records: readonly string[]): readonly ReportAddress[] {
  const asking = records.filter((record) => version.test(record));
  // RFC 8460 §3: several of them are as good as none.
  if (asking.length !== 1) return [];
  const fields = (asking[0] ?? '').split(';').map((field) => field.trim());
  const rua = fields.find((field) => field.startsWith('rua='))?.slice('rua='.length) ?? '';
  return rua
    .split(',')
    .map((text) => readAddress(text.trim()))
    .filter((address) => address !== null)
    .slice(0, mostAddresses);
}

function readAddress(text: string): ReportAddress | null {
  const mail = /^mailto:([^?]*)/i.exec(text)?.[1];
  if (mail !== undefined) {
    const address = decoded(mail);
    return address !== null && addressForm.test(address) ? { kind: 'mail', address } : null;
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'https:' && url.username === '' ? { kind: 'https', url: url.href } : null;
}

/** RFC 3986 §2.1; null for what is no percent-encoding. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
