/** An address found in running text. */
export type FoundAddress = { readonly address: string; readonly start: number; readonly end: number };

// Atext and dots (RFC 5322 §3.2.3) before the @; within angle brackets whatever RFC 6532 lets stand there. Bounds: RFC 5321
// §4.5.3.1.1 (64 octets; VERP makes longer ones in practice, hence 128) and §4.5.3.1.2.
const inText =
  /"[^"\n@]{1,64}"@[A-Za-z0-9.-]{1,255}|[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,128}@(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?|\[[\d.:A-Fa-fIPv]{3,50}\])|(?<=<)[^\s<>"@]{1,128}@[^\s<>"@]{1,255}(?=>)/g;

/** A report names at most some hundred recipients; who writes more on one line makes work. */
const mostAddresses = 400;
/** Longest local part and a mark before it; longest domain and a mark behind it. */
const charsBefore = 130;
const charsBehind = 258;

/** The addresses in the text, in order; at most some hundred. */
export function addressesIn(text: string): readonly FoundAddress[] {
  const found: FoundAddress[] = [];
  for (const { start, end } of placesAround(text)) {
    const place = start === 0 && end === text.length ? text : text.slice(start, end);
    for (const match of place.matchAll(inText)) {
      const address = tidyAddress(match[0]);
      const at = start + match.index;
      if (address !== null) found.push({ address, start: at, end: at + match[0].length });
      if (found.length >= mostAddresses) return found;
    }
  }
  return found;
}

type Span = { readonly start: number; readonly end: number };

/** What stands about each @: in a line of 20 KB without one, every character would be tried as the beginning of an address. */
function placesAround(text: string): readonly Span[] {
  const spans: { start: number; end: number }[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const last = spans.at(-1);
    const end = Math.min(text.length, at + charsBehind);
    if (last !== undefined && at - charsBefore <= last.end) last.end = end;
    else spans.push({ start: Math.max(0, at - charsBefore), end });
  }
  return spans;
}

/** The first address in the text, null when there is none. */
export function firstAddress(text: string | null): string | null {
  return text === null ? null : (addressesIn(text)[0]?.address ?? null);
}

/** Takes off what clings to an address in text: quotes, a label, a final dot. */
function tidyAddress(text: string): string | null {
  let address = text;
  if (!address.startsWith('"'))
    address = address.replace(/^(?:'|`|=3D|(?:to|rcpt|recipient|addr|address|email|user)=|\.+)+/i, '');
  address = address.replace(/[.'-]+$/, '');
  const at = address.lastIndexOf('@');
  if (at <= 0 || at === address.length - 1) return null;
  return address;
}

/** Addresses are the same when they differ in case alone: no mailbox provider tells cases apart. */
export function sameAddress(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one.toLowerCase() === other.toLowerCase();
}

/** `mailer-daemon@…`, `postmaster@…`: whoever writes reports. */
export function isReporter(address: string): boolean {
  return /^(?:mailer-?daemon|postmaster|mail-?daemon|mail-?system|mailsystem|mdaemon|bounces?)@/i.test(
    address,
  );
}

/** Reporters and mailboxes that nobody reads: never who was written to. */
export function isMailSystem(address: string): boolean {
  return isReporter(address) || /^(?:no-?reply|do-?not-?reply)@/i.test(address);
}
