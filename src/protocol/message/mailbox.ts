import type { Bilingual } from '../../base/index.ts';
import { formatAddress, readAddress } from './address.ts';
import type { Address, AddressProblem } from './address.ts';
import { findControl, oneLine } from './control-characters.ts';
import { encodeWords } from './encoded-word.ts';
import { tokenField } from './header-field.ts';
import type { HeaderField } from './header-field.ts';

/** Who a message is from or for (RFC 5322 §3.4). */
export type Mailbox = {
  /** As people read it, decoded; null when there is none. */
  readonly displayName: string | null;
  readonly address: Address;
};

export type MailboxProblem = AddressProblem | 'several' | 'malformed';

export type ParsedMailbox =
  | { readonly ok: true; readonly mailbox: Mailbox }
  | { readonly ok: false; readonly problem: MailboxProblem; readonly text: Bilingual };

const problemTexts: { readonly [Problem in MailboxProblem]: Bilingual } = {
  empty: { ja: 'アドレスが空です', en: 'the address is empty' },
  'no-domain': { ja: '@ の後ろのドメインがありません', en: 'there is no domain after @' },
  'bad-domain': { ja: 'ドメイン名として正しくありません', en: 'the domain is not a valid domain name' },
  'bad-local-part': { ja: '@ の前の部分が正しくありません', en: 'the part before @ is not valid' },
  'control-character': {
    ja: '改行などの制御文字が入っています',
    en: 'it contains a line break or another control character',
  },
  'too-long': {
    ja: 'アドレスが長すぎます(@ の前は64バイトまで)',
    en: 'the address is too long (64 octets before @)',
  },
  several: { ja: 'アドレスは1つだけ書いてください', en: 'only one address is allowed' },
  malformed: {
    ja: '「名前 <address@example.jp>」の形で書いてください',
    en: 'write it as "Name <address@example.com>"',
  },
};

function refuse(problem: MailboxProblem): ParsedMailbox {
  return { ok: false, problem, text: problemTexts[problem] };
}

/** Reads what a person gives as From or Reply-To: `届く <a@例え.jp>`, `"Doe, J." <j@example.com>`, `<a@b.jp>` or `a@b.jp`. */
export function parseMailbox(text: string): ParsedMailbox {
  if (findControl(text) !== null) return refuse('control-character');
  const trimmed = text.trim();
  if (trimmed === '') return refuse('empty');
  const parts = splitName(trimmed);
  if (parts === null) return refuse(hasTwoAddresses(trimmed) ? 'several' : 'malformed');
  if (parts.name === null && hasTwoAddresses(parts.address)) return refuse('several');
  const address = readAddress(parts.address);
  if (typeof address === 'string') return refuse(address);
  return { ok: true, mailbox: { displayName: parts.name, address } };
}

type NameAndAddress = { readonly name: string | null; readonly address: string };

function splitName(text: string): NameAndAddress | null {
  if (!text.includes('<') && !text.includes('>')) return { name: null, address: text };
  // A quoted name may hold anything; an unquoted one none of what would make a second address.
  const match = /^(?:"((?:[^"\\]|\\.)*)"|([^"<>@,;]*))\s*<\s*([^<>]*?)\s*>$/.exec(text);
  if (match === null) return null;
  const quoted = match[1]?.replaceAll(/\\(.)/g, '$1');
  const name = (quoted ?? match[2] ?? '').trim();
  return { name: name === '' ? null : name, address: match[3] ?? '' };
}

function hasTwoAddresses(text: string): boolean {
  const withoutQuoted = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
  return /@[^@]*[,;\s][^@]*@/.test(withoutQuoted) || (withoutQuoted.match(/</g)?.length ?? 0) > 1;
}

// RFC 5322 §3.2.3 atext and single spaces between: a phrase that needs no quoting.
const plainPhrase = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const printableAscii = /^[\x20-\x7e]*$/;
// A quoted string is kept whole on its line; longer names are encoded and fold.
const longestQuotedChars = 60;

/** `Name <local@domain>` in tokens between which the field may fold. `firstChars`: room on the field's first line. */
function mailboxTokens(mailbox: Mailbox, firstChars: number): readonly string[] {
  const address = formatAddress(mailbox.address);
  const name = oneLine(mailbox.displayName ?? '').trim();
  if (name === '') return [address];
  return [...phraseTokens(name, firstChars), `<${address}>`];
}

function phraseTokens(name: string, firstChars: number): readonly string[] {
  const short = name.length <= longestQuotedChars && !name.includes('=?');
  if (short && plainPhrase.test(name)) return name.split(' ');
  if (short && printableAscii.test(name)) return [`"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`];
  return encodeWords(name, firstChars);
}

/** One mailbox as it stands in a header, unfolded. */
export function formatMailbox(mailbox: Mailbox): string {
  return mailboxTokens(mailbox, 76).join(' ');
}

/** From, To, Reply-To, Cc (RFC 5322 §3.6.2, §3.6.3). */
export function mailboxField(name: string, mailboxes: readonly Mailbox[]): HeaderField {
  const firstChars = 76 - name.length - 2;
  const tokens = mailboxes.flatMap((mailbox, index) => {
    const own = mailboxTokens(mailbox, index === 0 ? firstChars : 76);
    const comma = index < mailboxes.length - 1 ? ',' : '';
    return [...own.slice(0, -1), `${own.at(-1) ?? ''}${comma}`];
  });
  return tokenField(name, tokens);
}
