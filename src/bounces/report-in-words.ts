import { headerText, rawValue } from '../protocol/mime/index.ts';
import { addressesIn, isMailSystem } from './address-text.ts';
import type { Anatomy } from './anatomy.ts';
import { findNamedFailures, type Acquaintance, type NamedFailure } from './failed-recipients.ts';
import { speaksOfDelay } from './failure-words.ts';
import { recipientsOf } from './original-mail.ts';
import type { RecipientFacts } from './returned-mail.ts';

// The rules look at 4 KB of a text; the reasons of a report stand at its beginning.
const mostWordsChars = 4_000;

/** Reads a report that was written for people alone: qmail, Exim, carriers, gateways, in any language. */
export function readReportInWords(anatomy: Anatomy): readonly RecipientFacts[] {
  const delayed = speaksOfDelay(headerText(anatomy.mail, 'subject') ?? '', anatomy.words);
  const everything = anatomy.words.slice(0, mostWordsChars).trim();
  return namedFailures(anatomy).map(({ recipient, words }) => ({
    recipient,
    finalRecipient: null,
    action: delayed ? 'delayed' : 'failed',
    replyCode: null,
    status: null,
    words: [words, everything].filter((text) => text !== ''),
    remoteHost: null,
    reportingHost: null,
  }));
}

/** Adds to what the machine part says what the human part says: often the better words, sometimes the only address. */
export function withWords(status: readonly RecipientFacts[], anatomy: Anatomy): readonly RecipientFacts[] {
  const named = anatomy.words === '' ? [] : findNamedFailures(anatomy.words, acquaintance(anatomy));
  const everything = anatomy.words.slice(0, mostWordsChars).trim();
  const delayed = speaksOfDelay(headerText(anatomy.mail, 'subject') ?? '', anatomy.words);
  return status.map((facts) => {
    const own = named.find(({ recipient }) => isOf(facts, recipient))?.words ?? '';
    const recipient =
      facts.recipient ?? (status.length === 1 ? (named[0]?.recipient ?? fallback(anatomy)[0] ?? null) : null);
    return {
      ...facts,
      recipient,
      action: facts.action ?? (delayed ? 'delayed' : 'failed'),
      words: [...facts.words, own, ...(status.length === 1 || own === '' ? [everything] : [])].filter(
        (text) => text.trim() !== '',
      ),
    };
  });
}

function isOf(facts: RecipientFacts, recipient: string): boolean {
  const key = recipient.toLowerCase();
  return facts.recipient?.toLowerCase() === key || facts.finalRecipient?.toLowerCase() === key;
}

function namedFailures(anatomy: Anatomy): readonly NamedFailure[] {
  const announced = rawValue(anatomy.mail.fields, 'x-failed-recipients');
  const named = findNamedFailures(anatomy.words, acquaintance(anatomy));
  if (announced !== null) {
    const failed = addressesIn(announced).map(({ address }) => address);
    if (failed.length > 0) {
      return failed.map(
        (recipient) =>
          named.find((each) => each.recipient.toLowerCase() === recipient.toLowerCase()) ?? {
            recipient,
            words: '',
          },
      );
    }
  }
  return named.length > 0 ? named : fallback(anatomy).map((recipient) => ({ recipient, words: '' }));
}

/** Where the words name nobody: whom the returned mail was for, when that was one address. */
function fallback(anatomy: Anatomy): readonly string[] {
  const recipients = recipientsOf(anatomy.originalFields);
  return recipients.slice(0, 1);
}

function acquaintance(anatomy: Anatomy): Acquaintance {
  const originalRecipients = new Set(
    recipientsOf(anatomy.originalFields).map((address) => address.toLowerCase()),
  );
  const others = new Set<string>();
  for (const { name, value } of anatomy.mail.fields) {
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
  'reply-to',
  'return-path',
  'sender',
  'errors-to',
]);
