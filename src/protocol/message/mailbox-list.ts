import { readAddress } from './address.ts';
import type { Mailbox } from './mailbox.ts';

type Token = {
  readonly kind: 'word' | 'quoted' | 'literal' | 'special';
  /** As it stands, quotes and all. */
  readonly text: string;
  /** White space or a comment stands before it. */
  readonly spaced: boolean;
};

// RFC 5322 §3.2.3 atoms, without the dot, which is a token of its own; RFC 6532 §3.2 adds what is not ASCII.
const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['word', /[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{80}-\u{10ffff}-]+/uy],
  ['quoted', /"(?:[^"\\]|\\.)*"/suy],
  ['literal', /\[[^[\]\\]*\]/uy],
  ['special', /[<>:;@,.]/uy],
];

// Deeper comments are nobody's honest header.
const deepestComment = 8;

/**
 * The mailboxes of a From, To, Cc or Bcc field (RFC 5322 §3.4: mailbox-list and address-list, groups taken apart; obsolete
 * routes and comments dropped). `text`: the unfolded value. null: it is none, or it can be read in two ways.
 */
export function parseMailboxList(text: string): readonly Mailbox[] | null {
  const tokens = tokensOf(text);
  if (tokens === null) return null;
  const mailboxes: Mailbox[] = [];
  let inGroup = false;
  let at = 0;
  while (at < tokens.length) {
    const end = endOfPhrase(tokens, at);
    const stop = tokens[end]?.text;
    const phrase = tokens.slice(at, end);
    at = end + 1;
    if (stop === ':') {
      if (inGroup || !isName(phrase) || phrase.length === 0) return null;
      inGroup = true;
      continue;
    }
    if (stop === '<') {
      const close = indexFrom(tokens, at, '>');
      const after = tokens[close + 1]?.text;
      if (
        close === tokens.length ||
        !isName(phrase) ||
        !(after === undefined || after === ',' || after === ';')
      )
        return null;
      const mailbox = mailboxOf(phrase, withoutRoute(tokens.slice(at, close)));
      if (mailbox === null) return null;
      mailboxes.push(mailbox);
      at = close + 1;
      continue;
    }
    if (stop === '>' || (stop === ';' && !inGroup)) return null;
    // RFC 5322 §4.4: empty elements between commas are an obsolete form.
    if (phrase.length > 0) {
      const mailbox = mailboxOf([], phrase);
      if (mailbox === null) return null;
      mailboxes.push(mailbox);
    }
    if (stop === ';') inGroup = false;
  }
  return inGroup ? null : mailboxes;
}

function tokensOf(text: string): readonly Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  let spaced = false;
  while (at < text.length) {
    const after = afterBlanks(text, at);
    if (after === null) return null;
    spaced ||= after > at;
    at = after;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    if (token === null) return null;
    tokens.push({ ...token, spaced });
    at += token.text.length;
    spaced = false;
  }
  return tokens;
}

function tokenAt(text: string, at: number): Omit<Token, 'spaced'> | null {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return { kind, text: found };
  }
  return null;
}

/** Past white space and comments (RFC 5322 §3.2.2); null: a comment is not closed. */
function afterBlanks(text: string, from: number): number | null {
  let depth = 0;
  let at = from;
  for (; at < text.length; at += 1) {
    const character = text[at];
    if (character === '(') depth += 1;
    else if (depth > 0 && character === ')') depth -= 1;
    else if (depth > 0 && character === '\\') at += 1;
    else if (depth === 0 && character !== ' ' && character !== '\t') break;
    if (depth > deepestComment) return null;
  }
  return depth === 0 ? at : null;
}

function endOfPhrase(tokens: readonly Token[], from: number): number {
  return indexFrom(tokens, from, '<>:;,');
}

/** Not findIndex, which starts at the first: a list of 10,000 would be read 10,000 times. */
function indexFrom(tokens: readonly Token[], from: number, specials: string): number {
  let at = from;
  for (; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind === 'special' && specials.includes(token.text)) break;
  }
  return at;
}

/** Words that may be a name; `boss@bank.example <a@b.example>` is none: half of the programs would show the first. */
function isName(phrase: readonly Token[]): boolean {
  return phrase.every(({ kind, text }) => kind === 'word' || kind === 'quoted' || text === '.');
}

/** RFC 5322 §4.4: obs-route = `@a.example,@b.example:`, to be ignored. */
function withoutRoute(tokens: readonly Token[]): readonly Token[] {
  if (tokens[0]?.text !== '@') return tokens;
  return tokens.slice(indexFrom(tokens, 0, ':') + 1);
}

function mailboxOf(phrase: readonly Token[], address: readonly Token[]): Mailbox | null {
  // White space inside an address (RFC 5322 §4.4) is read in as many ways as there are programs.
  if (address.some(({ spaced }, index) => spaced && index > 0)) return null;
  const read = readAddress(address.map(({ text }) => text).join(''));
  if (typeof read === 'string') return null;
  const name = phrase.map(({ kind, text, spaced }, index) => {
    const word = kind === 'quoted' ? text.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : text;
    return spaced && index > 0 ? ` ${word}` : word;
  });
  return { displayName: name.length === 0 ? null : name.join(''), address: read };
}
