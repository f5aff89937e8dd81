/** The reply of an SMTP server as a report quotes it. */
export type QuotedReply = { readonly code: number | null; readonly status: string | null };

// A reply code as a word by itself: at the start, or behind what introduces a quotation. RFC 5321 §4.2 has 2–5 as first and
// 0–5 as second digit; servers also use 57x, 58x, 59x (authentication, provider's own).
const code =
  /(?:^|[\s:;"'“(<[|,.=>`])#?([45][0-9]\d)(?=[ :#,.;)"'-]?(?:[ -]?#?[(<[]?[45]\.\d{1,3}\.\d{1,3}|[ :-][^\d\s]|[ :-]?$|\s+[^\d\s]|#|[ ]<?[\d.+-]{1,64}@))/m;
const sureCode = /(?:^|[\s:;"'“(<[|>`])([45]\d\d)[ -]{1,2}[#(<[]?([45]\.\d{1,3}\.\d{1,3})\b(?!\.\d)/m;
const status = /(?<![\d.])(?:#|\b)([45]\.\d{1,3}\.\d{1,3})(?![\d.]|\.\d)/;

// What precedes a number that is no reply: ports, sizes, counts, times.
const notAReply = /(?:port|line|error code|after|of|size|limit|about|over|than|at|for|in) ?$/i;

/** Finds reply code and enhanced status code (RFC 2034) in the words of a bounce. */
export function readReply(text: string): QuotedReply {
  const bounded = innermost(ownReply(text.slice(0, 8_192)));
  const sure = sureCode.exec(bounded);
  if (sure !== null && sure[1]?.[0] === sure[2]?.[0])
    return { code: Number(sure[1]), status: finest(bounded, sure[2] ?? null) };
  const found = code.exec(bounded);
  const before = found === null ? '' : bounded.slice(Math.max(0, found.index - 12), found.index + 1);
  const number = found === null || notAReply.test(before) ? null : Number(found[1]);
  const enhanced = status.exec(bounded)?.[1] ?? null;
  return { code: number, status: finest(bounded, enhanced) };
}

const allStatuses = /(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])/g;

/** Sendmail wraps what it was told: `554 <a@b>... 550 Host unknown`. The inner reply is the receiver's. */
function ownReply(text: string): string {
  const wrapped = /^\s*[45]\d\d (?:[45]\.\d\.\d{1,3} )?\S{1,320}?\.\.\. (?=[45]\d\d[ -])/.exec(text);
  return wrapped === null ? text : text.slice(wrapped[0].length);
}

/** `554 4.4.7 Message expired. <421 4.4.2 Connection timed out>`: the queue's own end, and behind it what the receiver said. */
const gaveUp = /(?<![\w.])[45]\d\d [45]\.4\.7\b[^<]{0,400}<(?=[45]\d\d [45]\.\d{1,3}\.\d{1,3} )/;

function innermost(text: string): string {
  const outer = gaveUp.exec(text);
  return outer === null ? text : text.slice(outer.index + outer[0].length);
}

/** A gateway puts its own X.Y.0 before the code that it was given: the one with a detail says more. */
function finest(text: string, first: string | null): string | null {
  if (first === null || !first.endsWith('.0')) return first;
  for (const [, found] of text.matchAll(allStatuses)) {
    if (found !== undefined && found[0] === first[0] && !found.endsWith('.0')) return found;
  }
  return first;
}
