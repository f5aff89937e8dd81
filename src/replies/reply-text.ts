import type { Stage } from '../events/index.ts';
import { longestReplyChars } from '../knowledge/index.ts';

/** A reply that a person pasted or a bounce quoted, taken apart. */
export type ParsedReply = { readonly code: number; readonly status: string | null; readonly text: string };

/** Reads `550 5.1.1 text`, also of several lines (`550-5.1.1 …`); null when it does not begin with a reply code. */
export function parseReplyText(reply: string): ParsedReply | null {
  const text = reply.slice(0, longestReplyChars).trim();
  // RFC 5321 §4.2: three digits of 2–5, 0–5, 0–9, then a space, a hyphen or the end. Some servers leave 5.7.1 glued on.
  const match = /^([2-5]\d\d)(?:[ -]|$)/.exec(text);
  if (match === null) return null;
  const rest = text.slice(4);
  // RFC 2034 §4: the enhanced status code comes first after the code.
  const status = /^\s{0,3}[#(]?([245]\.\d{1,3}\.\d{1,3})\b/.exec(rest);
  return { code: Number(match[1]), status: status?.[1] ?? null, text: rest };
}

const commandStages: readonly (readonly [RegExp, Stage])[] = [
  [/in reply to (?:the )?end of DATA/i, 'eom'],
  [/end of data/i, 'eom'],
  [/in reply to (?:the )?MAIL FROM/i, 'mail'],
  [/in reply to (?:the )?RCPT TO/i, 'rcpt'],
  [/in reply to (?:the )?DATA/i, 'data'],
  [/in reply to (?:the )?(?:EHLO|HELO)/i, 'ehlo'],
  // qmail-remote says at which command the server refused.
  [/but sender was rejected/i, 'mail'],
  [/does not like recipient/i, 'rcpt'],
  [/failed (?:on DATA command|after I sent the message)/i, 'eom'],
  [/but (?:my name was rejected|greeting failed)|does not like me/i, 'banner'],
  // Postfix, of a greeting or an EHLO that was refused.
  [/refused to talk to me:/i, 'banner'],
  [/while receiving the initial server greeting/i, 'banner'],
  [/SMTP error from remote (?:mail server|mailer) after RCPT TO/i, 'rcpt'],
  [/SMTP error from remote (?:mail server|mailer) after MAIL FROM/i, 'mail'],
  [/SMTP error from remote (?:mail server|mailer) after end of data/i, 'eom'],
  [/SMTP error from remote (?:mail server|mailer) after (?:initial )?connection/i, 'banner'],
];

/** The stage that a relaying server named in its report (`in reply to RCPT TO command`), null when it did not. */
export function stageNamedIn(text: string): Stage | null {
  const bounded = text.slice(0, longestReplyChars);
  return commandStages.find(([pattern]) => pattern.test(bounded))?.[1] ?? null;
}
