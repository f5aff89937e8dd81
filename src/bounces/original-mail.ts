import { readableValue, type RawField } from '../protocol/mime/index.ts';
import { addressesIn, firstAddress } from './address-text.ts';
import type { OriginalMail } from './returned-mail.ts';

const mostHeaders = 100;
// Enough for a signed token or a list of addresses; more serves nobody who matches mails.
const longestValueChars = 2_000;
const mostRecipients = 50;

/** What the header of a returned mail tells of it; null when nothing came back. */
export function describeOriginal(fields: readonly RawField[]): OriginalMail | null {
  if (fields.length === 0) return null;
  const value = (name: string): string | null => {
    const raw = fields.find((field) => field.name === name)?.value;
    return raw === undefined ? null : readableValue(raw).slice(0, longestValueChars);
  };
  return {
    messageId: /<([^<>\s]+)>/.exec(value('message-id') ?? '')?.[1] ?? (value('message-id')?.trim() || null),
    returnPath: firstAddress(value('return-path')),
    from: firstAddress(value('from')),
    to: recipientsOf(fields),
    subject: value('subject'),
    headers: fields
      .slice(0, mostHeaders)
      .map((field) => ({ name: field.name, value: readableValue(field.value).slice(0, longestValueChars) })),
  };
}

/** Whom the mail was for, as its header shows it: the envelope's copies before To. */
export function recipientsOf(fields: readonly RawField[]): readonly string[] {
  for (const names of [
    ['x-original-to', 'x-envelope-to', 'envelope-to', 'x-rcpt-to'],
    ['to'],
    ['cc', 'bcc', 'apparently-to', 'x-apparently-to'],
  ]) {
    const found = fields
      .filter((field) => names.includes(field.name))
      .flatMap((field) => addressesIn(readableValue(field.value)))
      .map(({ address }) => address);
    if (found.length > 0) return [...new Set(found)].slice(0, mostRecipients);
  }
  return [];
}
