import { rawValue } from '../protocol/mime/index.ts';
import type { Acquaintance } from './address-standing.ts';
import { addressesIn, isMailSystem } from './address-text.ts';
import { subjectOf, type Anatomy } from './anatomy.ts';
import { findArrivals, findNamedFailures, onlyStranger, type NamedFailure } from './failed-recipients.ts';
import { withoutCourtesy } from './courtesy.ts';
import { speaksOfDelay, speaksOfFailure } from './failure-words.ts';
import { recipientsOf } from './original-mail.ts';
import type { RecipientFacts } from './returned-mail.ts';
import { wholeReply } from './whole-reply.ts';

// The rules look at 4 KB of a text; the reasons of a report stand at its beginning.
const mostWordsChars = 4_000;

/** From this on (`bounce-signs.ts`) nobody but mail software can have written it. */
const sureSigns = 6;
const nobody = { recipient: null, alias: null, delayed: false, certain: false, words: '' } as const;

type Named = Omit<NamedFailure, 'recipient'> & { readonly recipient: string | null };

/** Reads a report that was written for people alone: qmail, Exim, carriers, gateways, in any language. */
export function readReportInWords(anatomy: Anatomy, signs: number): readonly RecipientFacts[] {
  const delayed = speaksOfDelay(subjectOf(anatomy), anatomy.words);
  const everything = withoutCourtesy(anatomy.words.slice(0, mostWordsChars));
  const named: readonly Named[] = namedFailures(anatomy);
  const arrived = named.some(({ certain }) => certain) ? [] : findArrivals(anatomy.words);
  if (arrived.length > 0) return arrived.map((recipient) => arrival(recipient, everything));
  // Surely a report, of whom it does not tell: that a mail failed is worth knowing all the same.
  const found =
    named.length === 0 && signs >= sureSigns && speaksOfFailure(anatomy.words.slice(0, mostWordsChars))
      ? [nobody]
      : named;
  const lines = found.length > 1 ? linesOfEach(found, everything) : null;
  return found.map(({ recipient, alias, delayed: late, words }) => ({
    recipient: alias ?? recipient,
    finalRecipient: alias === null ? null : recipient,
    action: delayed || late ? 'delayed' : 'failed',
    replyCode: null,
    status: null,
    words: (found.length === 1
      ? [withoutCourtesy(words), everything]
      : [ownWords({ recipient, words }, lines?.get(keyOf(recipient)) ?? [], everything)]
    ).filter((text) => text !== ''),
    remoteHost: null,
    reportingHost: null,
  }));
}

/** A receipt in words: all that it tells of is good news. */
function arrival(recipient: string, everything: string): RecipientFacts {
  return {
    recipient,
    finalRecipient: null,
    action: 'delivered',
    replyCode: null,
    status: null,
    words: [everything],
    remoteHost: null,
    reportingHost: null,
  };
}

/** The lines that name one of the recipients and no other, by recipient. Each line is looked through once. */
function linesOfEach(all: readonly Named[], everything: string): ReadonlyMap<string, readonly string[]> {
  const keys = [...new Set(all.map(({ recipient }) => keyOf(recipient)))].filter((key) => key !== '');
  const lines = new Map<string, string[]>();
  for (const line of everything.split('\n')) {
    const text = line.toLowerCase();
    const [only, another] = keys.filter((key) => text.includes(key));
    if (only === undefined || another !== undefined) continue;
    const own = lines.get(only);
    if (own === undefined) lines.set(only, [line]);
    else own.push(line);
  }
  return lines;
}

function keyOf(recipient: string | null): string {
  return recipient?.toLowerCase() ?? '';
}

/**
 * Of several recipients each has words of its own: what became of another must not be read as said of this one. A list of
 * them all may stand before a transcript that tells of each.
 */
function ownWords(
  { recipient, words }: Pick<Named, 'recipient' | 'words'>,
  lines: readonly string[],
  everything: string,
): string {
  if (recipient === null) return everything;
  // The command that was refused stands before the reply.
  if (words !== '') return [...lines.filter((line) => />>> RCPT TO/i.test(line)), words].join('\n');
  return lines.some((line) => line.trim().length > recipient.length + 6) ? lines.join('\n') : everything;
}

/** Adds to what the machine part says what the human part says: often the better words, sometimes the only address. */
export function withWords(status: readonly RecipientFacts[], anatomy: Anatomy): readonly RecipientFacts[] {
  const named = anatomy.words === '' ? [] : findNamedFailures(anatomy.words, acquaintance(anatomy));
  const everything = withoutCourtesy(anatomy.words.slice(0, mostWordsChars));
  const delayed = speaksOfDelay(subjectOf(anatomy), anatomy.words);
  return status.map((read) => {
    const facts = completed(read, named);
    const entry = named.find(({ recipient }) => isOf(facts, recipient));
    const own = withoutCourtesy(entry?.words ?? '');
    // RFC 3464 §2.3.1: Original-Recipient is there only when the sender gave an ORCPT.
    const alias = facts.finalRecipient === null ? (entry?.alias ?? null) : null;
    const recipient =
      facts.recipient ?? (status.length === 1 ? (named[0]?.recipient ?? fallback(anatomy)[0] ?? null) : null);
    return {
      ...facts,
      recipient: alias ?? recipient,
      finalRecipient: alias === null ? facts.finalRecipient : recipient,
      action: facts.action ?? (delayed ? 'delayed' : 'failed'),
      words: [
        ...facts.words.map((words) => wholeReply(words, anatomy.words)),
        own,
        ...(status.length === 1 || own === '' ? [everything] : []),
      ].filter((text) => text.trim() !== ''),
    };
  });
}

/** A report that was cut off within an address: the words have it whole. */
function completed(facts: RecipientFacts, named: readonly NamedFailure[]): RecipientFacts {
  const start = facts.recipient?.toLowerCase();
  if (start === undefined || facts.status !== null || facts.action !== null) return facts;
  const whole = named.find(({ recipient }) => recipient.toLowerCase().startsWith(start));
  return whole === undefined ? facts : { ...facts, recipient: whole.recipient };
}

function isOf(facts: RecipientFacts, recipient: string): boolean {
  const key = recipient.toLowerCase();
  return facts.recipient?.toLowerCase() === key || facts.finalRecipient?.toLowerCase() === key;
}

function namedFailures(anatomy: Anatomy): readonly Named[] {
  // Exim writes the field anew after some fifty addresses.
  const announced = anatomy.mail.fields
    .filter(({ name }) => name === 'x-failed-recipients')
    .map(({ value }) => value)
    .join(',');
  const named = findNamedFailures(anatomy.words, acquaintance(anatomy));
  if (announced !== '') {
    const failed = addressesIn(announced).map(({ address }) => address);
    if (failed.length > 0) {
      return failed.map(
        (recipient) =>
          named.find((each) => each.recipient.toLowerCase() === recipient.toLowerCase()) ?? {
            ...nobody,
            recipient,
          },
      );
    }
  }
  return named.length > 0 ? named : fallback(anatomy).map((recipient) => ({ ...nobody, recipient }));
}

/** Where the words name nobody by address: whom the returned mail was for, or whom its return path names. */
function fallback(anatomy: Anatomy): readonly string[] {
  const recipients = recipientsOf(anatomy.originalFields);
  // Old systems name their users without a domain.
  const named = recipients.length > 1 ? recipients.filter((each) => names(anatomy.words, each)) : [];
  if (named.length > 0) return named;
  const located = recipients.length > 1 ? recipients.filter((each) => namesHost(anatomy.words, each)) : [];
  if (located.length > 0) return located;
  if (recipients.length > 0) return recipients.slice(0, 1);
  const { others } = acquaintance(anatomy);
  const inSubject = addressesIn(subjectOf(anatomy)).map(({ address }) => address);
  const strangers = inSubject.filter(
    (address) => !others.has(address.toLowerCase()) && !isMailSystem(address),
  );
  if (strangers.length > 0) return strangers;
  const only = onlyStranger(anatomy.words, acquaintance(anatomy));
  return only === null ? fromReturnPath(anatomy) : [only];
}

function names(words: string, address: string): boolean {
  const localPart = address.slice(0, address.lastIndexOf('@')).toLowerCase();
  return (
    localPart.length > 1 &&
    words
      .toLowerCase()
      .split(/[^\w.+-]+/)
      .includes(localPart)
  );
}

/** "Host rcpt.example not found": of several recipients those of that host. */
function namesHost(words: string, address: string): boolean {
  const host = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return (
    host !== '' &&
    words
      .toLowerCase()
      .split(/[^\w.-]+/)
      .some((word) => word.replace(/\.$/, '') === host)
  );
}

/** VERP as mailing-list software writes it: `bounces+ann=rcpt.example@sender.example`. */
function fromReturnPath(anatomy: Anatomy): readonly string[] {
  for (const name of ['to', 'x-original-to', 'delivered-to', 'x-envelope-to', 'envelope-to']) {
    for (const { address } of addressesIn(rawValue(anatomy.mail.fields, name) ?? '')) {
      const verp =
        /^(?:[^+=]*\+|.*?(?:bounces?|return|owner)(?:-[a-z\d]+)*?-)([^=+]+)=([\w.-]+\.[a-z]{2,})@/i.exec(
          address,
        );
      if (verp !== null) return [`${verp[1]}@${verp[2]}`];
    }
  }
  return [];
}

/** Does a sentence say of one address, and of one alone, that mail to it failed? */
export function saysWhoFailed(anatomy: Anatomy): boolean {
  const named = findNamedFailures(anatomy.words, acquaintance(anatomy));
  return named.length === 1 && named[0]?.certain === true;
}

function acquaintance(anatomy: Anatomy): Acquaintance {
  const originalRecipients = new Set(
    recipientsOf(anatomy.originalFields).map((address) => address.toLowerCase()),
  );
  const others = new Set<string>();
  // Who answers by machine may be the very mailbox that is no longer there.
  const answered = rawValue(anatomy.mail.fields, 'auto-submitted') !== null;
  for (const { name, value } of anatomy.mail.fields) {
    if (name === 'from' && answered) continue;
    if (senderFields.has(name))
      for (const { address } of addressesIn(value)) others.add(address.toLowerCase());
  }
  for (const { name, value } of anatomy.originalFields) {
    if (name === 'from' || name === 'sender' || name === 'return-path' || name === 'reply-to') {
      for (const { address } of addressesIn(value)) others.add(address.toLowerCase());
    }
  }
  // A mail to oneself: the recipient is also the sender.
  for (const address of originalRecipients) if (!isMailSystem(address)) others.delete(address);
  return { originalRecipients, others };
}

/** Fields of the report that hold whoever gets or writes it. */
const senderFields: ReadonlySet<string> = new Set([
  'to',
  'from',
  'cc',
  'delivered-to',
  'return-path',
  'sender',
  'errors-to',
]);
