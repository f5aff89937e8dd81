import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { createClassifier, type Classification } from './index.ts';

// A collection of replies with sources, written down apart from the rules. Each entry is a pattern of words that some
// server says; one sentence that it matches is judged. It lies beside the checkout.
const file = fileURLToPath(new URL('../../../shared/knowledge/smtp-replies.yaml', import.meta.url));
const present = existsSync(file);

type Entry = {
  readonly id: string;
  readonly provider: string;
  readonly regex: string;
  readonly codes: readonly number[];
  readonly enhanced: readonly string[];
  readonly class: string;
  readonly smtp_stage?: { readonly stage: string };
};

/** Which verdicts say what a class of the collection says. Its classes are coarser in places and finer in others. */
const verdictsOf: Readonly<Record<string, readonly string[]>> = {
  'user-unknown': ['userunknown'],
  'mailbox-full': ['mailboxfull'],
  'message-too-big': ['mesgtoobig', 'exceedlimit'],
  'content-spam': ['spamdetected', 'policyviolation'],
  'blocklisted-ip': ['blocked'],
  'blocklisted-domain': ['rejected', 'spamdetected', 'blocked'],
  reputation: ['badreputation'],
  policy: ['policyviolation', 'rejected', 'filtered', 'blocked', 'authfailure'],
  'recipient-filter': ['filtered'],
  'auth-failure': ['authfailure'],
  'auth-failure-spf': ['authfailure'],
  'auth-failure-dkim': ['authfailure'],
  'auth-failure-dmarc': ['authfailure'],
  'rate-limited': ['speeding', 'toomanyconn', 'exceedlimit'],
  'too-many-connections': ['toomanyconn'],
  'too-many-recipients': ['toomanyconn'],
  'too-many-errors': ['blocked'],
  greylisted: ['blocked'],
  'tls-required': ['failedstarttls'],
  'tls-failure': ['failedstarttls'],
  'dns-failure': ['requireptr', 'hostunknown', 'notaccept'],
  'bad-sender': ['rejected'],
  'relay-denied': ['norelaying'],
  'suspended-recipient': ['suspend'],
  loops: ['networkerror'],
  syntax: ['syntaxerror', 'notcompliantrfc', 'contenterror'],
  'system-error': ['systemerror', 'systemfull'],
  'system-full': ['systemfull'],
  network: ['networkerror', 'expired'],
  expired: ['expired'],
  virus: ['virusdetected'],
  'attachment-blocked': ['securityerror'],
  'client-auth': ['securityerror'],
  'gateway-dsn': ['onhold'],
  'receiver-misconfig': ['blocked', 'systemerror'],
};

/** Entries where we hold another verdict to be right, and why. */
const heldOtherwise: Readonly<Record<string, string>> = {
  'gmail-same-message-id': 'the Message-ID is what has to change, so notcompliantrfc',
  'gmail-multi-domain': 'the session has to be split, nothing is wrong with the message: systemerror',
  'gmail-rate-unsolicited-perm': 'a block for unsolicited mail, not a matter of speed: badreputation',
  'outlook-sc-002': 'mining of addresses has cost the sender its trust: badreputation',
  'outlook-dy-002': 'the sending address is refused, whatever infected it: blocked',
  'm365-5.7.506': 'the name of the connecting host is refused: blocked',
  'm365-dane-dnssec': 'DNSSEC is asked for the sake of TLS: failedstarttls',
  'icloud-5.1.6': 'the status 5.1.6 is that of a moved mailbox: hasmoved',
  'au-relay-denied': 'norelaying is what is said; the detail says that the address is badly written',
  'au-spasign': 'the carrier acts for its user, who can allow the sender: filtered',
  'postfix-helo': 'the name of the connecting host is refused: blocked',
  'postfix-client-access': 'the client is refused, a login would not be asked of an MX: blocked',
  'postfix-bad-syntax-sender': 'the envelope sender is refused: rejected',
  'exim-unrouteable': 'said at RCPT it is the answer to an unknown local part: userunknown',
};

describe.skipIf(!present)('replies collected from public sources', () => {
  const knowledge = loadKnowledge(defaultKnowledgeFolder());
  const classifier = createClassifier(knowledge);
  const entries = present ? (parse(readFileSync(file, 'utf8')) as { replies: Entry[] }).replies : []; // a fixed data file

  it.each(entries.filter(({ id }) => !(id in heldOtherwise)))('$id is read as $class', (entry) => {
    const text = sentenceOf(entry);
    const found = judge(entry, text);
    expect(verdictsOf[entry.class] ?? [], `${text} → ${found.rule}`).toContain(found.verdict);
  });

  it.each(Object.entries(heldOtherwise))('%s is held otherwise: %s', (id) => {
    const entry = entries.find((each) => each.id === id);
    if (entry === undefined) throw new Error(`${id} is not in the collection any more`);
    expect(verdictsOf[entry.class] ?? []).not.toContain(judge(entry, sentenceOf(entry)).verdict);
  });

  function judge(entry: Entry, text: string): Classification {
    const names: Readonly<Record<string, string>> = {
      'outlook.com': 'outlook',
      'yahoo.co.jp': 'yahoo-japan',
      'mail.ru': 'mail-ru',
      'orange-laposte': 'orange',
      'free.fr': 'free',
      'cisco-esa': 'cisco',
      symantec: 'messagelabs',
    };
    const provider = knowledge.providers.find(({ id }) => id === (names[entry.provider] ?? entry.provider));
    const suffix = provider?.mx[0];
    const stages: Readonly<Record<string, 'rcpt' | 'eom'>> = { RCPT: 'rcpt', 'end of DATA': 'eom' };
    return classifier.classifyText({
      text,
      replyCode: entry.codes[0] ?? null,
      status: entry.enhanced.find((code) => /^[45]\.\d{1,3}\.\d{1,3}$/.test(code)) ?? null,
      stage: stages[entry.smtp_stage?.stage ?? ''] ?? null,
      mxHost: suffix === undefined ? null : `mx1.${suffix}`,
      domain: provider?.domains[0] ?? null,
    });
  }
});

it.runIf(!present)('ABSENT: the collected replies were NOT read', () => {
  console.warn(`${file} is absent: the collected replies were NOT read`);
  expect(present).toBe(false);
});

/** A reply that the entry's pattern matches: code and status where the pattern has none of its own, then its words. */
function sentenceOf(entry: Entry): string {
  const words = wordsOf(entry.regex);
  if (!new RegExp(entry.regex, 'i').test(words))
    throw new Error(`${entry.id}: ${words} is no sentence of its pattern`);
  const code = entry.codes[0];
  if (code === undefined || words.startsWith(String(code))) return words;
  const status = entry.enhanced.find((each) => /^[45]\.\d{1,3}\.\d{1,3}$/.test(each));
  return status === undefined || /\d\.\d{1,3}\.\d/.test(words)
    ? `${code} ${words}`
    : `${code} ${status} ${words}`;
}

/** The first sentence of a pattern: first alternatives, least repetitions, plain words for what may be anything. */
function wordsOf(regex: string): string {
  let at = 0;
  const sequence = (): string => {
    let text = '';
    let first: string | null = null;
    for (; at < regex.length && regex[at] !== ')';) {
      if (regex[at] === '|') {
        first ??= text;
        text = '';
        at += 1;
      } else text += repeated();
    }
    return first ?? text;
  };
  const repeated = (): string => {
    const start = at;
    const atom = one();
    const isClass = /^(?:\.|\\[sSdwb]|\[)/.test(regex.slice(start, at));
    const mark = regex[at];
    if (mark === '?' || mark === '*') {
      at += 1;
      return mark === '*' && isClass ? atom : mark === '?' && !isClass ? atom : '';
    }
    if (mark === '+') at += 1;
    const bounds = /^\{(\d+)(?:,\d*)?\}/.exec(regex.slice(at));
    if (bounds === null) return atom;
    at += bounds[0].length;
    return atom.repeat(Number(bounds[1]));
  };
  const one = (): string => {
    const character = regex[at] ?? '';
    at += 1;
    if (character === '(') {
      const look = /^\?(?:!|=)/.test(regex.slice(at));
      at += /^\?(?::|!|=)/.exec(regex.slice(at))?.[0].length ?? 0;
      const inside = sequence();
      at += 1;
      return look ? '' : inside;
    }
    if (character === '[') {
      const end = regex.indexOf(']', at + 1);
      const members = regex.slice(at, end);
      at = end + 1;
      if (members.startsWith('^')) return 'x';
      return members.startsWith(' ') ? ' ' : (members[0] ?? '');
    }
    if (character === '\\') {
      const escaped = regex[at] ?? '';
      at += 1;
      return { s: ' ', S: 'x', d: '0', w: 'x', b: '' }[escaped] ?? escaped;
    }
    if (character === '.') return ' ';
    return character === '^' || character === '$' ? '' : character;
  };
  return sequence();
}
