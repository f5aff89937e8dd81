/** A DNS record that a domain needs so that our mail arrives, and what stands there now. */
export type PlannedRecord = {
  readonly purpose:
    | 'dkim'
    | 'spf'
    | 'dmarc'
    | 'return-path'
    | 'source-address'
    | 'source-name'
    | 'tls-reports';
  readonly name: string;
  readonly type: 'TXT' | 'MX' | 'A' | 'AAAA' | 'PTR';
  readonly value: string;
  /** `different`: another record of the same purpose stands there and has to be replaced. `unknown`: the DNS did not answer. */
  readonly state: 'in-place' | 'missing' | 'different' | 'unknown';
  /** What stands there now, of the same purpose. */
  readonly found: readonly string[];
  /** false: worth having, but mail arrives without it. */
  readonly required: boolean;
};

// RFC 1035 §3.3.14 and §2.3.4: a TXT record is made of strings of at most 255 octets, which readers join.
const longestString = 255;

/** The records as lines of a zone file (RFC 1035 §5.1), absolute names; PTR records, which stand in other people's zones, as remarks. */
export function zoneText(records: readonly PlannedRecord[]): string {
  return records
    .map(({ name, type, value, state }) => {
      const data = type === 'TXT' ? quoted(value) : dataOf(type, value);
      const line = `${name}. 3600 IN ${type} ${data}`;
      if (type === 'PTR') return `; ${line}`;
      return state === 'in-place' ? `; in place: ${line}` : line;
    })
    .map((line) => `${line}\n`)
    .join('');
}

function dataOf(type: PlannedRecord['type'], value: string): string {
  return type === 'MX' || type === 'PTR' ? `${value}.` : value;
}

function quoted(value: string): string {
  const strings: string[] = [];
  for (let start = 0; start < value.length; start += longestString)
    strings.push(value.slice(start, start + longestString));
  return strings.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(' ');
}
