import type { Bilingual } from '../base/index.ts';

/** Why a text is no address that we could send to; each has one text per language below. */
export type AddressFault =
  | 'empty'
  | 'too-long'
  | 'control-character'
  | 'invisible-character'
  | 'space-inside'
  | 'several-addresses'
  | 'no-at'
  | 'two-at'
  | 'missing-local'
  | 'missing-domain'
  | 'broken-quoted-string'
  | 'local-character'
  | 'local-too-long'
  | 'leading-dot'
  | 'trailing-dot'
  | 'consecutive-dots'
  | 'ip-literal'
  | 'single-label'
  | 'comma-in-domain'
  | 'empty-label'
  | 'label-edge'
  | 'label-too-long'
  | 'domain-too-long'
  | 'domain-character'
  | 'numeric-tld'
  | 'idna';

export type BadAddress = { readonly ok: false; readonly code: AddressFault; readonly reason: Bilingual };

// `seen` is the offending character or label, already made visible.
const texts: { readonly [Fault in AddressFault]: (seen: string) => Bilingual } = {
  empty: () => ({ ja: 'アドレスが空です', en: 'the address is empty' }),
  'too-long': (seen) => ({
    ja: `アドレスが長すぎます（${seen}、上限は254オクテット、RFC 5321 §4.5.3.1.3）`,
    en: `the address is too long (${seen}; at most 254 octets, RFC 5321 §4.5.3.1.3)`,
  }),
  'control-character': (seen) => ({
    ja: `制御文字 ${seen} が含まれています`,
    en: `it contains the control character ${seen}`,
  }),
  'invisible-character': (seen) => ({
    ja: `目に見えない文字 ${seen} が途中に含まれています`,
    en: `it contains the invisible character ${seen}`,
  }),
  'space-inside': () => ({ ja: '途中に空白があります', en: 'there is a space inside' }),
  'several-addresses': () => ({
    ja: '1つの欄に複数のアドレスがあります。1行に1つずつ書いてください',
    en: 'there are several addresses in one cell; write one per row',
  }),
  'no-at': () => ({ ja: '「@」がありません', en: 'there is no "@"' }),
  'two-at': () => ({ ja: '「@」が2つ以上あります', en: 'there is more than one "@"' }),
  'missing-local': () => ({ ja: '「@」の前が空です', en: 'nothing stands before the "@"' }),
  'missing-domain': () => ({
    ja: '「@」の後にドメインがありません',
    en: 'no domain follows the "@"',
  }),
  'broken-quoted-string': () => ({
    ja: '「@」の前の引用符が正しくありません（RFC 5321 §4.1.2 Quoted-string）',
    en: 'the quoting before the "@" is broken (RFC 5321 §4.1.2 Quoted-string)',
  }),
  'local-character': (seen) => ({
    ja: `「@」の前に使えない文字 ${seen} があります（RFC 5322 §3.2.3 atext）`,
    en: `${seen} may not stand before the "@" (RFC 5322 §3.2.3 atext)`,
  }),
  'local-too-long': (seen) => ({
    ja: `「@」の前が長すぎます（${seen}、上限は64オクテット、RFC 5321 §4.5.3.1.1）`,
    en: `the part before the "@" is too long (${seen}; at most 64 octets, RFC 5321 §4.5.3.1.1)`,
  }),
  'leading-dot': () => ({
    ja: '先頭がドットです（RFC 5321 §4.1.2 Dot-string。この形が使われるのは古いdocomo・auなどのアドレスだけです）',
    en: 'it begins with a dot (RFC 5321 §4.1.2 Dot-string; only old docomo and au addresses have that)',
  }),
  'trailing-dot': () => ({
    ja: '「@」の直前がドットです（RFC 5321 §4.1.2 Dot-string。この形が使われるのは古いdocomo・auなどのアドレスだけです）',
    en: 'a dot stands right before the "@" (RFC 5321 §4.1.2 Dot-string; only old docomo and au addresses have that)',
  }),
  'consecutive-dots': () => ({
    ja: 'ドットが連続しています（RFC 5321 §4.1.2 Dot-string。この形が使われるのは古いdocomo・auなどのアドレスだけです）',
    en: 'two dots follow each other (RFC 5321 §4.1.2 Dot-string; only old docomo and au addresses have that)',
  }),
  'ip-literal': () => ({
    ja: 'ドメインの代わりにIPアドレスが書かれています。宛先には使えません',
    en: 'an IP address stands in place of the domain; recipients need a domain name',
  }),
  'single-label': (seen) => ({
    ja: `「${seen}」はドメインとして不完全です（「.jp」などがありません）`,
    en: `"${seen}" is not a complete domain (something like ".com" is missing)`,
  }),
  'comma-in-domain': () => ({
    ja: 'ドメインに「,」があります（「.」の打ち間違いではありませんか）',
    en: 'there is a comma in the domain (was a dot meant?)',
  }),
  'empty-label': () => ({
    ja: 'ドメインのドットが連続しているか、先頭にあります',
    en: 'the domain begins with a dot or has two in a row',
  }),
  'label-edge': (seen) => ({
    ja: `ドメインの「${seen}」の先頭または末尾に「-」「_」は使えません（RFC 5321 §4.1.2 sub-domain）`,
    en: `"${seen}" in the domain may not begin or end with "-" or "_" (RFC 5321 §4.1.2 sub-domain)`,
  }),
  'label-too-long': (seen) => ({
    ja: `ドメインの「${seen}」が長すぎます（上限は63オクテット、RFC 1035 §2.3.4）`,
    en: `"${seen}" in the domain is too long (at most 63 octets, RFC 1035 §2.3.4)`,
  }),
  'domain-too-long': (seen) => ({
    ja: `ドメインが長すぎます（${seen}、上限は253オクテット、RFC 1035 §2.3.4）`,
    en: `the domain is too long (${seen}; at most 253 octets, RFC 1035 §2.3.4)`,
  }),
  'domain-character': (seen) => ({
    ja: `ドメインに使えない文字 ${seen} があります（RFC 5321 §4.1.2）`,
    en: `${seen} may not stand in a domain (RFC 5321 §4.1.2)`,
  }),
  'numeric-tld': (seen) => ({
    ja: `ドメインの末尾「${seen}」が数字だけです（RFC 3696 §2）`,
    en: `the domain ends in "${seen}", digits only (RFC 3696 §2)`,
  }),
  idna: (seen) => ({
    ja: `国際化ドメイン名「${seen}」が正しくありません（RFC 5891）`,
    en: `"${seen}" is not a valid internationalised domain name (RFC 5891)`,
  }),
};

/** The failure as a value; `seen` is what was found, shown to the reader. */
export function badAddress(code: AddressFault, seen = ''): BadAddress {
  return { ok: false, code, reason: texts[code](seen) };
}

/** A character as people can find it: itself when it can be seen, and its code point always. */
export function visible(character: string): string {
  const codePoint = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? `"${character}" (${codePoint})` : codePoint;
}
