import { createDotScanner } from './dot-scanner.ts';

/** How much of a message is kept until its end: nothing, enough for the Message-ID, or all of it. */
export type Keep = 'nothing' | 'head' | 'content';

// The Message-ID stands among the first header fields; 32 KB is far behind any header a newsletter has.
const headLimitOctets = 32 * 1024;

/** The body of the message under way: counted, and kept as far as asked, but never beyond the size limit. */
export class MailData {
  readonly #keep: Keep;
  readonly #limitOctets: number;
  readonly #scanner = createDotScanner();
  #kept: Buffer[] = [];
  #keptOctets = 0;
  #octets = 0;
  #stuffed = false;

  constructor(keep: Keep, sizeLimitOctets: number) {
    this.#keep = keep;
    this.#limitOctets = sizeLimitOctets;
  }

  /** Takes DATA bytes; returns the index behind the final dot, or -1 when the message goes on. */
  takeDotted(chunk: Buffer, from: number): number {
    this.#stuffed = true;
    const end = this.#scanner.scan(chunk, from);
    this.take(chunk.subarray(from, end === -1 ? chunk.length : end));
    return end;
  }

  /** Takes bytes as they are (RFC 3030 BDAT). */
  take(bytes: Buffer): void {
    this.#octets += bytes.length;
    if (this.#keep === 'nothing' || bytes.length === 0) return;
    const limit = this.#keep === 'head' ? headLimitOctets : this.#limitOctets;
    if (this.tooBig) {
      this.#kept = [];
      this.#keptOctets = 0;
    } else if (this.#keptOctets < limit) {
      this.#kept.push(bytes);
      this.#keptOctets += bytes.length;
    }
  }

  /** Octets in memory now. */
  get keptOctets(): number {
    return this.#keptOctets;
  }

  get tooBig(): boolean {
    return this.sizeOctets > this.#limitOctets;
  }

  /** Octets without the final dot's line. */
  get sizeOctets(): number {
    return this.#stuffed ? Math.max(0, this.#octets - 3) : this.#octets;
  }

  /** Message-ID with its angle brackets, null when there is none or nothing was kept. */
  messageId(): string | null {
    const first = this.#kept[0];
    if (first === undefined) return null;
    const whole = this.#kept.length === 1 ? first : Buffer.concat(this.#kept);
    const head = whole.toString('latin1', 0, Math.min(whole.length, headLimitOctets));
    const end = head.indexOf('\r\n\r\n');
    const match = /(?:^|\n)message-id:\s*(<[^>\r\n]*>)/i.exec(end === -1 ? head : head.slice(0, end));
    return match?.[1] ?? null;
  }

  /** The whole message with dot-stuffing undone (RFC 5321 §4.5.2), null unless it was kept. */
  content(): Buffer | null {
    if (this.#keep !== 'content' || this.tooBig) return null;
    const whole = Buffer.concat(this.#kept);
    return this.#stuffed ? unstuff(whole.subarray(0, Math.max(0, whole.length - 3))) : whole;
  }
}

/** Removes the dot that was put before each line that begins with one. */
function unstuff(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let from = bytes[0] === 0x2e ? 1 : 0;
  for (let at = bytes.indexOf('\r\n.', from); at !== -1; at = bytes.indexOf('\r\n.', at + 3)) {
    pieces.push(bytes.subarray(from, at + 2));
    from = at + 3;
  }
  if (pieces.length === 0) return bytes.subarray(from);
  pieces.push(bytes.subarray(from));
  return Buffer.concat(pieces);
}
