import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../base/index.ts';
import { readTls } from './tls-reading.ts';
import type { TlsReading } from './tls-reading.ts';

/** One line of a server, without its CRLF, or why there was none. */
export type DialogLine =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'closed' | 'silent' | 'flood' };

/** How long to wait, in milliseconds: for a connection, for TLS, for one line. */
export type DialogLimits = { readonly connectMs: number; readonly tlsMs: number; readonly replyMs: number };

/**
 * RFC 5321 §4.5.3.2 lets a greeting take five minutes; people who look on do not: a server in order answers within a second. Dovecot
 * waits ten for the lock of a maildrop before it says that it is taken.
 */
export const defaultDialogLimits: DialogLimits = { connectMs: 6_000, tlsMs: 8_000, replyMs: 15_000 };

export type ConnectFailure = 'refused' | 'silent' | 'unreachable';

/** Opens TCP connections: an outside thing, and so a parameter. */
export type OpenSocket = (place: { readonly address: string; readonly port: number }) => Socket;

export const openTcp: OpenSocket = ({ address, port }) => connectTcp({ host: address, port });

export type DialogParts = {
  readonly clock: Clock;
  readonly limits: DialogLimits;
  readonly open: OpenSocket;
  /** PEM to trust; null: what Node trusts. */
  readonly authorities: readonly string[] | null;
};

/** A talk in lines with a server that is not trusted: every wait and every length is bounded. */
export type Dialog = {
  line(): Promise<DialogLine>;
  /** The next octets, as a literal of IMAP or ManageSieve has them; null when they do not come. */
  octets(count: number): Promise<Buffer | null>;
  /** Sends a line; CRLF is added. */
  send(text: string): void;
  /** Goes on in TLS; the dialog is of no more use when that fails. */
  secure(host: string, oldVersions?: boolean): Promise<TlsReading>;
  close(): void;
};

// RFC 5321 §4.5.3.1.5 gives a reply line 512 octets, IMAP has no limit; capability lists stay far below.
const longestLineOctets = 16_384;
// A script, the largest thing read whole (RFC 5804 leaves its size to the server; Pigeonhole's default is 1 MB).
const mostOctets = 1_048_576;

/** Connects, or says why not. */
export async function openDialog(
  place: { readonly address: string; readonly port: number },
  parts: DialogParts,
): Promise<Dialog | ConnectFailure> {
  const socket = parts.open(place);
  const { promise, resolve } = Promise.withResolvers<'connected' | ConnectFailure>();
  const timer = parts.clock.after(parts.limits.connectMs, () => resolve('silent'));
  socket.once('connect', () => resolve('connected'));
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(failureOf(error)));
  const result = await promise;
  timer.cancel();
  if (result === 'connected') return new LineDialog(socket, parts);
  socket.destroy();
  return result;
}

function failureOf({ code }: NodeJS.ErrnoException): ConnectFailure {
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return 'refused';
  return code === 'ETIMEDOUT' ? 'silent' : 'unreachable';
}

class LineDialog implements Dialog {
  #socket: Socket;
  readonly #parts: DialogParts;
  #buffered: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(socket: Socket, parts: DialogParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#listen();
  }

  async line(): Promise<DialogLine> {
    const until = this.#deadline(this.#parts.limits.replyMs);
    for (;;) {
      const end = this.#buffered.indexOf(0x0a);
      if (end >= 0) {
        until.cancel();
        return {
          kind: 'line',
          text: this.#take(end + 1)
            .toString('utf8')
            .replace(/\r?\n$/, ''),
        };
      }
      const over = this.#buffered.length > longestLineOctets ? 'flood' : await this.#more(until);
      if (over === null) continue;
      until.cancel();
      return { kind: over };
    }
  }

  async octets(count: number): Promise<Buffer | null> {
    if (count > mostOctets) return null;
    const until = this.#deadline(this.#parts.limits.replyMs);
    let over: 'closed' | 'silent' | null = null;
    while (this.#buffered.length < count && over === null) over = await this.#more(until);
    until.cancel();
    return over === null ? this.#take(count) : null;
  }

  send(text: string): void {
    this.#socket.write(`${text}\r\n`);
  }

  async secure(host: string, oldVersions = false): Promise<TlsReading> {
    const under = this.#socket;
    under.removeAllListeners('data');
    under.removeAllListeners('end');
    under.removeAllListeners('close');
    // RFC 3207 §4.2: whatever came in the clear before counts for nothing.
    this.#buffered = Buffer.alloc(0);
    const { authorities, clock, limits } = this.#parts;
    const socket: TLSSocket = connectTls({
      socket: under,
      ...(isIpLiteral(host) ? {} : { servername: host }),
      // Looked at afterwards: what is wrong is the answer, and nothing secret is sent before.
      rejectUnauthorized: false,
      ...(authorities === null ? {} : { ca: [...authorities] }),
      ...(oldVersions ? { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } : { minVersion: 'TLSv1.2' }),
    });
    const reading = await readTls(socket, { host, clock, limitMs: limits.tlsMs });
    this.#socket = socket;
    if (reading.kind === 'secured') this.#listen();
    return reading;
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('data', (bytes: Buffer) => {
      this.#buffered = this.#buffered.length === 0 ? bytes : Buffer.concat([this.#buffered, bytes]);
      // Nobody reads faster than the dialog goes on.
      if (this.#buffered.length > mostOctets) socket.destroy();
      this.#wake?.();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    socket.on('error', end);
    socket.on('end', end);
    socket.on('close', end);
  }

  #take(count: number): Buffer {
    const taken = this.#buffered.subarray(0, count);
    this.#buffered = this.#buffered.subarray(count);
    return taken;
  }

  #deadline(limitMs: number): { readonly late: Promise<void>; cancel(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#parts.clock.after(limitMs, resolve);
    return { late: promise, cancel: () => timer.cancel() };
  }

  /** null: something came. */
  async #more(until: { readonly late: Promise<void> }): Promise<'closed' | 'silent' | null> {
    if (this.#ended) return 'closed';
    const before = this.#buffered.length;
    const came = new Promise<null>((resolve) => (this.#wake = () => resolve(null)));
    const over = await Promise.race([came, until.late.then(() => 'silent' as const)]);
    this.#wake = null;
    if (over !== null) return over;
    return this.#buffered.length > before || !this.#ended ? null : 'closed';
  }
}

function isIpLiteral(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(':');
}
