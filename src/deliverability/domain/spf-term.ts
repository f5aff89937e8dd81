import { isIP } from 'node:net';

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

const mechanismForm = /^([+\-~?]?)([a-z0-9]+)(?::([^\s]+?))?((?:\/\d{1,3})?(?:\/\/\d{1,3})?)$/i;
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
  // RFC 7208 §3.1: ASCII alone.
  const foreign = /[^\x20-\x7e]+/.exec(record);
  if (foreign !== null) return { terms, wrong: foreign[0] };
  for (const text of record
    .slice('v=spf1'.length)
    .split(' ')
    .filter((each) => each !== '')) {
    const term = readTerm(text);
    // RFC 7208 §6: redirect and exp once at most.
    const isSecond =
      (term?.name === 'redirect' || term?.name === 'exp') && terms.some(({ name }) => name === term.name);
    if (term === null || isSecond) return { terms, wrong: text };
    terms.push(term);
  }
  return { terms, wrong: null };
}

function readTerm(text: string): SpfTerm | null {
  const modifier = modifierForm.exec(text);
  if (modifier !== null) {
    const [, name = '', value = ''] = modifier;
    const isTarget = /^(?:redirect|exp)$/i.test(name);
    if (isTarget ? !isDomainSpec(value) : !isMacroString(value)) return null;
    return { text, kind: 'modifier', name: name.toLowerCase(), qualifier: '+', value };
  }
  const match = mechanismForm.exec(text);
  const name = match?.[2]?.toLowerCase() ?? '';
  if (match === null || !mechanisms.has(name)) return null;
  const [, sign = '', , target = '', lengths = ''] = match;
  if ((name === 'include' || name === 'exists' || name === 'ip4' || name === 'ip6') && target === '')
    return null;
  if (name === 'all' && (target !== '' || lengths !== '')) return null;
  if (!isValue(name, target, lengths)) return null;
  return { text, kind: 'mechanism', name, qualifier: qualifierOf(sign), value: `${target}${lengths}` };
}

/** RFC 7208 §5 and §12: what may follow the name of a mechanism. */
function isValue(name: string, target: string, lengths: string): boolean {
  if (name === 'ip4' || name === 'ip6') {
    const [address = '', ...rest] = `${target}${lengths}`.split('/');
    const version = name === 'ip4' ? 4 : 6;
    return isIP(address) === version && rest.length <= 1 && isLength(rest[0], version === 4 ? 32 : 128);
  }
  if (lengths !== '' && name !== 'a' && name !== 'mx') return false;
  const [, four, six] = /^(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(lengths) ?? [];
  return isLength(four, 32) && isLength(six, 128) && (target === '' || isDomainSpec(target));
}

function isLength(text: string | undefined, most: number): boolean {
  return text === undefined || (/^(?:0|[1-9]\d*)$/.test(text) && Number(text) <= most);
}

const macro = /%(?:\{[slodiphcrtv]\d{0,3}r?[.\-+,/_=]*\}|%|_|-)/gi;

/** RFC 7208 §7.1: macro-string. */
function isMacroString(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text.replaceAll(macro, '')) && !text.replaceAll(macro, '').includes('%');
}

/** RFC 7208 §7.1: domain-spec: ends in a top label that is no number, or in a macro. */
function isDomainSpec(text: string): boolean {
  if (!isMacroString(text) || text === '') return false;
  if (/%(?:\{[^}]*\}|%|_|-)$/.test(text)) return true;
  const top = /^[^]*\.([a-z0-9-]+)\.?$/i.exec(text)?.[1] ?? '';
  return /[a-z-]/i.test(top) && !/^-|-$/.test(top);
}

function qualifierOf(sign: string): SpfTerm['qualifier'] {
  return sign === '-' || sign === '~' || sign === '?' ? sign : '+';
}
