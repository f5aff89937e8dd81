/** How much of each mail is kept; the reader looks at less. */
const mostMailOctets = 4 * 1_024 * 1_024;
/** Notifications come in lists; a file of more is no list of notifications. */
const mostListOctets = 64 * 1_024 * 1_024;

// RFC 4155, appendix A: "From ", an address, a date as asctime writes it, with or without a zone.
const separator = /^From \S* ?.{0,100}\d{1,2}:\d\d(?::\d\d)?.{0,40}\d{4}/;

/**
 * The mails of a file, one at a time: an mbox has many, every other file one. Memory is bounded by one mail; what a mail has
 * beyond 4 MiB is left out, as no reader looks at it.
 */
export async function* mailsIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const head = await firstOctets(source);
  const rest: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => source };
  const first = head.subarray(0, 200).toString('latin1');
  if (separator.test(first.replace(/[\r\n].*$/s, ''))) yield* splitMbox(head, rest);
  else
    yield await wholeMail(
      head,
      rest,
      /^[\uFEFF\s\u00ef\u00bb\u00bf]*[[{]/.test(first) ? mostListOctets : mostMailOctets,
    );
}

async function firstOctets(source: AsyncIterator<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let octets = 0;
  while (octets < 200) {
    const next = await source.next();
    if (next.done === true) break;
    parts.push(next.value);
    octets += next.value.byteLength;
  }
  return Buffer.concat(parts);
}

async function wholeMail(head: Buffer, rest: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const parts: Uint8Array[] = [head];
  let octets = head.byteLength;
  for await (const chunk of rest) {
    if (octets < most) parts.push(chunk);
    octets += chunk.byteLength;
  }
  return Buffer.concat(parts).subarray(0, most);
}

async function* splitMbox(head: Buffer, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const mail = new MailInProgress();
  let tail = head;
  for await (const chunk of rest) {
    const end = tail.lastIndexOf(0x0a) + 1;
    yield* takeLines(tail.subarray(0, end), mail);
    tail = Buffer.concat([tail.subarray(end), chunk]);
    // A line without an end is no line of a mail; it is cut rather than kept.
    if (tail.byteLength > mostMailOctets) tail = tail.subarray(0, mostMailOctets);
  }
  yield* takeLines(tail, mail);
  const last = mail.finish();
  if (last !== null) yield last;
}

function* takeLines(lines: Buffer, mail: MailInProgress): Generator<Buffer> {
  let start = 0;
  while (start < lines.byteLength) {
    const found = lines.indexOf(0x0a, start);
    const end = found < 0 ? lines.byteLength : found + 1;
    const line = lines.subarray(start, end);
    // RFC 4155: a separator stands after an empty line, or first.
    if (
      mail.mayEnd &&
      line[0] === 0x46 &&
      separator.test(line.subarray(0, 250).toString('latin1').trimEnd())
    ) {
      const finished = mail.finish();
      if (finished !== null) yield finished;
    } else mail.take(line);
    start = end;
  }
}

/** The lines of one mail, as far as they are kept. */
class MailInProgress {
  #lines: Buffer[] = [];
  #octets = 0;
  /** At the beginning, or after an empty line. */
  mayEnd = true;

  take(line: Buffer): void {
    this.mayEnd = line.byteLength <= 2 && (line[0] === 0x0a || line[0] === 0x0d);
    if (this.#octets >= mostMailOctets) return;
    // `>From ` was `From ` before the mail was put into the mbox (the "mboxrd" way).
    const quoted = line[0] === 0x3e && /^>+From /.test(line.subarray(0, 20).toString('latin1'));
    this.#lines.push(quoted ? line.subarray(1) : line);
    this.#octets += line.byteLength;
  }

  finish(): Buffer | null {
    const mail = this.#octets === 0 ? null : Buffer.concat(this.#lines);
    this.#lines = [];
    this.#octets = 0;
    return mail;
  }
}
