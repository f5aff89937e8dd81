import type { SMTPServerDataStream } from 'smtp-server';
import type { Refusal } from '../net/smtp-server/index.ts';
import type { MailRoom } from './mail-room.ts';
import { refusals } from './refusals.ts';

export type IncomingMail =
  | {
      readonly ok: true;
      readonly bytes: Buffer;
      /** Gives the memory back; to be called once the mail is no longer needed. */
      readonly release: () => void;
    }
  | { readonly ok: false; readonly refusal: Refusal };

export type IncomingLimits = {
  readonly room: MailRoom;
  readonly messageBytes: number;
  /** SIZE of MAIL FROM (RFC 1870); null: not said. */
  readonly declaredBytes: number | null;
};

// Receipts and password resets with their HTML: no asking for them. 1,000 connections hold 128 MB so.
const freeBytes = 128 * 1_024;
// RFC 1870 §6.1 has the client declare a size, which may be an estimate: Python's smtplib leaves the last CRLF out, others count
// LF for CR LF.
const declaredSlackBytes = 64 * 1_024;
// How long a large mail stands in line; RFC 5321 §4.5.3.2.5 has clients wait 3 minutes for a block to go through.
const longestWaitMs = 120_000;

/**
 * Reads a mail to its end. Beyond what every connection may hold, memory for all that the mail can still become is asked for
 * first; until there is some, nothing is read and TCP holds the client back. What is refused is read to its end and dropped,
 * since a client listens only then. Rejects when the client went away.
 */
export async function readIncoming(
  stream: SMTPServerDataStream,
  limits: IncomingLimits,
): Promise<IncomingMail> {
  const keeper = new Keeper(limits);
  try {
    // The types of streams say any; this one is of octets.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const waiting = keeper.add(chunk);
      if (waiting !== null) await waiting;
    }
  } catch (error) {
    keeper.release();
    throw error;
  }
  return keeper.end();
}

/** What is kept of a mail that is coming in. */
class Keeper {
  readonly #limits: IncomingLimits;
  readonly #mostBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;
  #taken = 0;
  #refusal: Refusal | null = null;

  constructor(limits: IncomingLimits) {
    const { messageBytes, declaredBytes } = limits;
    this.#limits = limits;
    this.#mostBytes =
      declaredBytes === null
        ? messageBytes
        : Math.min(messageBytes, declaredBytes * 1.1 + declaredSlackBytes);
  }

  /** Something to wait for before more is read; null: nothing. */
  add(chunk: Buffer): Promise<void> | null {
    this.#length += chunk.length;
    if (this.#refusal !== null) return null;
    if (this.#length > this.#mostBytes) {
      this.#refuse(this.#mostBytes < this.#limits.messageBytes ? refusals.largerThanSaid : refusals.tooLarge);
      return null;
    }
    this.#chunks.push(chunk);
    return this.#taken === 0 && this.#length > freeBytes ? this.#askForRoom() : null;
  }

  end(): IncomingMail {
    if (this.#refusal !== null) return { ok: false, refusal: this.#refusal };
    const [only] = this.#chunks;
    const bytes =
      this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks, this.#length);
    this.#chunks = [];
    return { ok: true, bytes, release: () => this.release() };
  }

  release(): void {
    this.#chunks = [];
    this.#limits.room.give(this.#taken);
    this.#taken = 0;
  }

  async #askForRoom(): Promise<void> {
    if (await this.#limits.room.take(this.#mostBytes, longestWaitMs)) this.#taken = this.#mostBytes;
    else this.#refuse(refusals.noRoom);
  }

  #refuse(refusal: Refusal): void {
    this.#refusal = refusal;
    this.release();
  }
}
