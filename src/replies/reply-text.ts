import type { Stage } from '../events/index.ts';

// RFC 5321 §4.5.3.1.5 allows 512 octets a reply line; real replies of several lines stay under 1,500. What follows
// the first 4 KB is not read, so that a stranger's reply costs bounded time.
export const longestReplyChars = 4_096;

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

/**
 * The text that rules see: `550 5.1.1 text`, on one line with single spaces. Servers repeat code and status on every line
 * of a reply (RFC 2034 §4), which would tear phrases apart, so only the first stays. The local part of an address becomes
 * `a`: whatever a recipient is called must not look like a reason.
 */
export function subjectOf(reply: ParsedReply): string {
  const text = reply.text.length > longestReplyChars ? reply.text.slice(0, longestReplyChars) : reply.text;
  const code = String(reply.code);
  let subject = code;
  let statusSeen = false;
  for (const token of text.split(/[\s\0]+/)) {
    const word = token.startsWith(`${code}-`) ? token.slice(4) : token;
    if (word === '' || (word === code && subject === code)) continue;
    if (word === reply.status && statusSeen) {
      // `… does 550 5.1.1 not exist`: the code before a repeated status belongs to the line, not to the text.
      if (subject.endsWith(` ${code}`)) subject = subject.slice(0, -code.length - 1);
      continue;
    }
    statusSeen ||= word === reply.status;
    subject += ` ${word}`;
  }
  return withoutLocalParts(subject);
}

/** Writes `a@` for the local part of every address. */
export function withoutLocalParts(line: string): string {
  // RFC 5321 §4.5.3.1.1: a local part has at most 64 octets; the bound keeps this linear.
  return line.includes('@') ? line.replace(/[^\s<>()[\]",;:@]{1,64}@/g, 'a@') : line;
}

const commandStages: readonly (readonly [RegExp, Stage])[] = [
  [/in reply to (?:the )?end of DATA/i, 'eom'],
  [/end of data/i, 'eom'],
  [/in reply to (?:the )?MAIL FROM/i, 'mail'],
  [/in reply to (?:the )?RCPT TO/i, 'rcpt'],
  [/in reply to (?:the )?DATA/i, 'data'],
  [/in reply to (?:the )?(?:EHLO|HELO)/i, 'ehlo'],
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
