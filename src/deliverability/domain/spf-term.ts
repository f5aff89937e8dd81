/** One term of an SPF record (RFC 7208 §4.6.1). */
export type SpfTerm = {
  /** As written. */
  readonly text: string;
  readonly kind: 'mechanism' | 'modifier';
  readonly name: string;
  /** `+` where none is written; modifiers: `+`. */
  readonly qualifier: '+' | '-' | '~' | '?';
  /** What follows `:` or `=`, with its `/` lengths; '' when nothing does. */
  readonly value: string;
};

const mechanisms = new Set(['all', 'include', 'a', 'mx', 'ptr', 'ip4', 'ip6', 'exists']);

/** Terms that cost a look-up (RFC 7208 §4.6.4). */
export const lookupTerms: ReadonlySet<string> = new Set(['include', 'a', 'mx', 'ptr', 'exists', 'redirect']);

const mechanismForm = /^([+\-~?]?)([a-z0-9]+)(?::([^\s]+))?((?:\/\d{1,3})?(?:\/\/\d{1,3})?)$/i;
const modifierForm = /^([a-z][a-z0-9\-_.]*)=([^\s]*)$/i;

/** Whether a TXT record is an SPF record (RFC 7208 §4.5). */
export function isSpfRecord(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

/** Reads the terms of a record; the text of the first that is none of the language makes it a permanent error (§4.6). */
export function readSpfTerms(record: string): {
  readonly terms: readonly SpfTerm[];
  readonly wrong: string | null;
} {
  const terms: SpfTerm[] = [];
  for (const text of record
    .slice('v=spf1'.length)
    .split(' ')
    .filter((each) => each !== '')) {
    const term = readTerm(text);
    if (term === null) return { terms, wrong: text };
    terms.push(term);
  }
  return { terms, wrong: null };
}

function readTerm(text: string): SpfTerm | null {
  const modifier = modifierForm.exec(text);
  if (modifier !== null) {
    const [, name = '', value = ''] = modifier;
    return { text, kind: 'modifier', name: name.toLowerCase(), qualifier: '+', value };
  }
  const match = mechanismForm.exec(text);
  const name = match?.[2]?.toLowerCase() ?? '';
  if (match === null || !mechanisms.has(name)) return null;
  const [, sign = '', , target = '', lengths = ''] = match;
  if ((name === 'include' || name === 'exists' || name === 'ip4' || name === 'ip6') && target === '')
    return null;
  if (name === 'all' && (target !== '' || lengths !== '')) return null;
  return { text, kind: 'mechanism', name, qualifier: qualifierOf(sign), value: `${target}${lengths}` };
}

function qualifierOf(sign: string): SpfTerm['qualifier'] {
  return sign === '-' || sign === '~' || sign === '?' ? sign : '+';
}
