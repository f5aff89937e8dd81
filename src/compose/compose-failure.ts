import type { Bilingual } from '../base/index.ts';

/** Why one recipient's message could not be made: template, line, variable. A value: the others still go. */
export type ComposeFailure = {
  /** One English line for the record. */
  readonly failure: string;
  /** The same for people. */
  readonly text?: Bilingual;
  /** Where in which template; absent when the cause is none of a template's (size, address, stamp). */
  readonly at?: { readonly template: string; readonly line: number };
  /** The undefined variable, when that is the cause. */
  readonly variable?: string;
  /** Where in a mail request the cause stands, as a JSON pointer without its first slash: `to/3`, `headers/X-A`. */
  readonly field?: string;
};

/** A failure that no template is to blame for. */
export function failureOf(text: Bilingual): ComposeFailure {
  return { failure: text.en, text };
}

/** A failure that one value of a mail request is to blame for. */
export function faultAt(field: string, text: Bilingual): ComposeFailure {
  return { failure: text.en, text, field };
}

/** The message would exceed `limits.messageBytes`. */
export function tooLarge(limitBytes: number): ComposeFailure {
  return failureOf({
    ja: `メールが大きすぎます(上限 ${limitBytes} バイト)`,
    en: `the message is larger than the limit of ${limitBytes} bytes`,
  });
}
