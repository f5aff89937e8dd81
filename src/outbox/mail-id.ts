import { sortableName } from '../base/index.ts';

// At 4,000 mails/s four share a millisecond: with ten letters two of them agree once in ten million years of that.
const chanceLetters = 10;

/** The public name of a mail, `m-01jd3q9k2v-7xw4mabcde`. Sortable by time. */
export function newMailId(nowMs: number, random: () => number): string {
  return `m-${sortableName({ nowMs, random, chanceLetters })}`;
}

/** A mail, or one message of it. */
export type MailKey = {
  readonly mail: string;
  /** From 1, in the order of its recipients; null: all of them. */
  readonly position: number | null;
};

/** Reads `m-…`, `m-….2`, and a Message-ID made of the first, with or without angle brackets; null for any other text. */
export function parseMailKey(text: string): MailKey | null {
  const match = /^<?(m-[0-9a-z]{10}-[0-9a-z]{5,16})(?:\.([1-9][0-9]{0,3}))?(?:@[^@\s<>]{1,255})?>?$/i.exec(
    text.trim(),
  );
  if (match === null) return null;
  const [, mail = '', position] = match;
  return { mail: mail.toLowerCase(), position: position === undefined ? null : Number(position) };
}

/** `m-….2` */
export function mailMessageId(mail: string, position: number): string {
  return `${mail}.${position}`;
}
