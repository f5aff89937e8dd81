import { enhancedStatus } from './enhanced-status.ts';
import { ReplyCache } from './reply-cache.ts';
import { defaultReplyLimits } from './reply-limits.ts';
import type { ReplyLimits } from './reply-limits.ts';
import type { Reply } from './reply.ts';
import { decodeReplyText } from './reply-text.ts';

/** What stands where a reply should: `reason` for people, `text` the shortened start of the offending line. */
export type MalformedReply = { readonly malformed: string; readonly text: string };

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const hyphen = 0x2d;
const digitZero = 0x30;

// Enough to recognise what answered (an HTTP server, a banner in binary), short enough for a log line.
const shownOctets = 120;

const nothing = Buffer.alloc(0);
const seenBefore = new ReplyCache();

/**
 * Cuts received bytes into replies (RFC 5321 §4.2). Incremental: `push` what arrived, then call `next` until it gives
 * null. After a malformed reply nothing can be trusted any more: the parser ignores the rest.
 */
export class ReplyParser {
  readonly #limits: ReplyLimits;
  /** Bytes not consumed yet: from `#at` on. */
  #bytes: Buffer = nothing;
  #at = 0;
  #lines: string[] = [];
  #firstCode = 0;
  #codesDiffer = false;
  #octets = 0;
  #dead = false;

  constructor(limits: ReplyLimits = defaultReplyLimits) {
    this.#limits = limits;
  }

  /** true when bytes or lines have arrived that belong to a reply not handed out yet. */
  get pending(): boolean {
    return this.#at < this.#bytes.length || this.#lines.length > 0;
  }

  push(chunk: Buffer): void {
    if (this.#dead || chunk.length === 0) return;
    // Usually everything before was consumed, and the chunk is used as it is; what is left over is at most one line.
    const rest = this.#bytes.subarray(this.#at);
    this.#bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.#at = 0;
  }

  /** The next complete reply, a malformed one, or null when more bytes are needed. */
  next(): Reply | MalformedReply | null {
    if (this.#dead) return null;
    for (;;) {
      const end = this.#bytes.indexOf(lineFeed, this.#at);
      if (end === -1) {
        const tooLong = this.#bytes.length - this.#at > this.#limits.lineOctets;
        return tooLong ? this.#fail('line too long') : null;
      }
      const reply = this.#line(end);
      if (reply !== null) return reply;
    }
  }

  /** Takes the line that ends at `end` (a line feed); gives the reply when it was the last one. */
  #line(end: number): Reply | MalformedReply | null {
    const bytes = this.#bytes;
    const start = this.#at;
    // RFC 5321 §2.3.8 wants CRLF; servers that send a bare LF are understood all the same.
    const textEnd = end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
    const length = textEnd - start;
    if (this.#lines.length === 0) {
      const known = seenBefore.find(bytes, start, textEnd);
      if (known !== null) {
        this.#at = end + 1;
        return known;
      }
    }
    this.#octets += length;
    if (length > this.#limits.lineOctets) return this.#fail('line too long');
    const code = readCode(bytes, start, textEnd);
    if (code === null) return this.#fail('line does not start with a reply code from 200 to 599');
    // RFC 5321 §4.2: a code alone is a whole reply. Read past its end, the separator is a space.
    const separator = length === 3 ? space : (bytes[start + 3] ?? space);
    if (separator !== space && separator !== hyphen) return this.#fail('no separator after the reply code');
    if (this.#lines.length >= this.#limits.lines) return this.#fail('too many lines in one reply');
    if (this.#octets > this.#limits.replyOctets) return this.#fail('reply too long');
    const text = length <= 4 ? '' : decodeReplyText(bytes, start + 4, textEnd);
    this.#at = end + 1;
    if (separator === space) {
      const alone = this.#lines.length === 0;
      const reply = this.#finish(code, text);
      if (alone) seenBefore.keep(bytes.subarray(start, textEnd), reply);
      return reply;
    }
    if (this.#lines.length === 0) this.#firstCode = code;
    else if (this.#firstCode !== code) this.#codesDiffer = true;
    this.#lines.push(text);
    return null;
  }

  #finish(code: number, text: string): Reply {
    this.#octets = 0;
    if (this.#lines.length === 0) return { code, status: enhancedStatus(text), lines: [text] };
    const lines = this.#lines;
    lines.push(text);
    this.#lines = [];
    const status = enhancedStatus(lines[0] ?? '');
    // RFC 5321 §4.2.1: all lines MUST carry the same code. Where they do not, the last line ends the reply and decides.
    const differ = this.#codesDiffer || this.#firstCode !== code;
    this.#codesDiffer = false;
    return differ ? { code, status, lines, codesDiffer: true } : { code, status, lines };
  }

  #fail(malformed: string): MalformedReply {
    const text = decodeReplyText(this.#bytes, this.#at, shownEnd(this.#bytes, this.#at));
    this.#dead = true;
    this.#bytes = nothing;
    this.#at = 0;
    this.#lines = [];
    return { malformed, text };
  }
}

/** The three-digit code at `start`, null when there is none or it means nothing here (RFC 5321 §4.2.1: 2yz to 5yz). */
function readCode(bytes: Buffer, start: number, end: number): number | null {
  if (end - start < 3) return null;
  const first = (bytes[start] ?? 0) - digitZero;
  const second = (bytes[start + 1] ?? 0) - digitZero;
  const third = (bytes[start + 2] ?? 0) - digitZero;
  if (first < 2 || first > 5 || second < 0 || second > 9 || third < 0 || third > 9) return null;
  return first * 100 + second * 10 + third;
}

function shownEnd(bytes: Buffer, start: number): number {
  const end = Math.min(bytes.length, start + shownOctets);
  for (let at = start; at < end; at++) {
    if (bytes[at] === lineFeed || bytes[at] === carriageReturn) return at;
  }
  return end;
}
