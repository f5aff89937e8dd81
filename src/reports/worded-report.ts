import type { FeedbackFields } from './feedback-fields.ts';
import { addressOf } from './report-values.ts';

/**
 * Failure reports and complaints that are told in words alone: what the machine-readable part would say, read from the
 * sentence that RFC 5965 §B and RFC 6591 §B begin with, and from lines like `Sender IP Address: 192.0.2.1`.
 */
export type WordedReport = {
  readonly fields: FeedbackFields;
  /** The header of the mail it is about, when it follows in the same text. */
  readonly headers: string | null;
};

// The words stand at the top; below may follow the whole mail.
const wordsCharacters = 4_000;

// "… report for an email message received from IP 192.0.2.1 on Thu, 8 Mar 2005 14:00:00 EDT."
const sentence =
  /received\s+from\s+(?:IP\s+)?(?:address\s+)?\[?([\da-f.:]{3,45})\]?(?:\s+on\s+([^\n]{6,80}?))?\.?\s*(?:\n|$|\.\s)/i;
const line = /^[ \t>*-]{0,10}([a-z][a-z /-]{1,40}?)[ \t]*[:=][ \t]*(\S[^\n]{0,300})$/gim;
// What separates the words from the header that follows.
const copyBegins =
  /^[^\n]{0,80}\b(?:copy of|headers? (?:of|from|that)|original (?:message|headers?))\b[^\n]{0,120}\n+(?=[!-9;-~]{1,60}:)/im;

/** null: the text is no such report. */
export function readWords(subject: string | null, text: string): WordedReport | null {
  const copy = copyBegins.exec(text.slice(0, wordsCharacters * 4));
  const words = text.slice(0, Math.min(copy?.index ?? wordsCharacters, wordsCharacters));
  const about = `${subject ?? ''}\n${words}`;
  const failure =
    /\bdmarc\b|\bauthentication[- ]failure\b/i.test(about) && /\breport\b|\bfail|forensic/i.test(about);
  const complaint = /\b(?:email )?(?:abuse|spam|complaint) report\b/i.test(about);
  const said = sentence.exec(words);
  const lines = linesOf(words);
  const ip =
    firstOf(lines, /^(?:(?:sender|sending|source|remote|client|origin(?:ating)?) )?ip(?: address)?$/) ??
    said?.[1];
  if ((!failure && !complaint) || ip === undefined || addressOf(ip) === null || !/[.:]/.test(ip)) return null;
  const fields = new Map<string, string[]>();
  const put = (name: string, value: string | undefined): void => {
    if (value !== undefined && value.trim() !== '') fields.set(name, [value.trim()]);
  };
  put('feedback-type', failure ? 'auth-failure' : 'abuse');
  put('source-ip', ip);
  put(
    'arrival-date',
    firstOf(lines, /^(?:received|arrival|message)(?: date)?$|^date(?: received)?$/) ?? said?.[2],
  );
  put(
    'reported-domain',
    firstOf(lines, /^(?:(?:sender|from|header from|reported|policy|author)(?:'s)? )?domain$/),
  );
  put('original-mail-from', firstOf(lines, /^(?:envelope|mail|smtp)[ -](?:from|sender)$/));
  put('original-rcpt-to', firstOf(lines, /^(?:envelope[ -]to|rcpt[ -]to|recipient)$/));
  if (failure) put('auth-failure', /\bdmarc\b/i.test(about) ? 'dmarc' : undefined);
  put('identity-alignment', failed(lines));
  put(
    'delivery-result',
    deliveryOf(firstOf(lines, /^(?:dmarc results?|disposition|delivery[ -]result|action)$/)),
  );
  return { fields, headers: copy === null ? null : text.slice(copy.index + copy[0].length) };
}

type Line = { readonly label: string; readonly value: string };

function linesOf(words: string): readonly Line[] {
  return [...words.matchAll(line)].map(([, label, value]) => ({
    label: (label ?? '').toLowerCase().trim(),
    value: value ?? '',
  }));
}

function firstOf(lines: readonly Line[], label: RegExp): string | undefined {
  return lines.find((each) => label.test(each.label))?.value;
}

/** `Identity-Alignment` names the mechanisms that did not align (RFC 7489 §7.3.1). */
function failed(lines: readonly Line[]): string | undefined {
  const known = ['spf', 'dkim'].flatMap((mechanism) => {
    const value = lines.find((each) => each.label === `${mechanism} alignment`)?.value;
    return value === undefined ? [] : [{ mechanism, aligned: /^(?:yes|pass|aligned|true)/i.test(value) }];
  });
  if (known.length === 0) return undefined;
  const bad = known.filter((each) => !each.aligned).map((each) => each.mechanism);
  return bad.length === 0 ? 'none' : bad.join(',');
}

/** The words of RFC 6591 §3.2.2. */
function deliveryOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/reject/i.test(value)) return 'reject';
  if (/quarantine|spam|junk/i.test(value)) return 'spam';
  return /accept|deliver/i.test(value) ? 'delivered' : undefined;
}
