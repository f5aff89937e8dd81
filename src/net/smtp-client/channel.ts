import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../base/index.ts';
import type { LocalCause, TlsFacts } from '../../events/index.ts';
import { ReplyParser } from '../../protocol/smtp/index.ts';
import type { Reply } from '../../protocol/smtp/index.ts';
import { ignoreLateError } from './connect.ts';
import { Deadline } from './deadline.ts';
import { tlsFacts, wrapWithTls } from './tls.ts';
import type { TlsTarget } from './tls.ts';

// Larger than any small body with its commands (body.ts); grown by the rare one whose addresses are long.
const scratchOctets = 20 * 1024;
// Small writes are put together in one buffer for all channels: a stream hands what is written to the kernel before
// `write` returns, unless its queue is full, and then the buffer is left to it (measured: GC was a sixth of the CPU time).
let scratch = Buffer.allocUnsafeSlow(scratchOctets);

// What OpenSSL says when the peer has TLS 1.1 at most, and what such a peer's alert is called (RFC 8446 §6.2).
const oldVersionCodes: ReadonlySet<string> = new Set([
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
]);

/** Why a channel ended by itself. */
export type ChannelEnd = { readonly cause: LocalCause; readonly text: string };

/** Who speaks on a channel at the moment: the greeting, then the session. */
export interface ChannelListener {
  reply(reply: Reply): void;
  /** The deadline passed; the channel is still open. */
  expired(): void;
  /** Called once; the socket is gone. */
  ended(end: ChannelEnd): void;
}

export type TlsResult =
  | { readonly ok: true; readonly facts: TlsFacts }
  | { readonly ok: false; readonly text: string; readonly tooOld: boolean };

/** One connection: bytes out, replies in, one deadline. Knows nothing of the order of commands. */
export class Channel {
  /** null while nobody awaits anything: what comes then ends the channel. */
  listener: ChannelListener | null = null;
  /** true: what is written while replies are handed out leaves in one system call. */
  gathers = false;
  #socket: Socket;
  #parser = new ReplyParser();
  readonly #clock: Clock;
  readonly #deadline: Deadline;
  #end: ChannelEnd | null = null;
  #closed = false;
  /** The last small write was with the kernel at once: never so under TLS, which would use up a scratch for each. */
  #quick = true;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.#deadline = new Deadline(clock, () => this.listener?.expired());
    this.#attach(socket);
  }

  /** Why it ended by itself; null while it is open or after `close`. */
  get end(): ChannelEnd | null {
    return this.#end;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** true when more has arrived than was handed to the listener. */
  get pending(): boolean {
    return this.#parser.pending;
  }

  /** true when everything written was handed to the kernel. */
  get flushed(): boolean {
    return this.#socket.writableLength === 0;
  }

  write(data: string | Buffer, written?: () => void): void {
    // A write to a channel that just ended is lost like one that was a moment too early.
    if (this.#closed) return;
    if (written === undefined) this.#socket.write(data);
    else this.#socket.write(data, (error) => (error ? undefined : written()));
  }

  /** Writes text, bytes and text as one buffer: cheaper than a writev as long as it is small. */
  writeJoined(before: string, bytes: Buffer, behind: string): void {
    if (this.#closed) return;
    // UTF-8 takes at most three octets for each UTF-16 unit.
    const most = bytes.length + (before.length + behind.length) * 3;
    const shared = this.#quick && most <= scratch.length;
    const all = shared ? scratch : Buffer.allocUnsafe(most);
    const start = before === '' ? 0 : all.write(before, 0);
    all.set(bytes, start);
    const middle = start + bytes.length;
    const end = behind === '' ? middle : middle + all.write(behind, middle);
    this.#socket.write(all.subarray(0, end));
    this.#quick = this.flushed;
    if (shared && !this.#quick) scratch = Buffer.allocUnsafeSlow(scratchOctets);
  }

  /** Runs `writes` so that all of it leaves in one system call. */
  together(writes: () => void): void {
    const socket = this.#socket;
    socket.cork();
    writes();
    socket.uncork();
  }

  arm(delayMs: number): void {
    if (!this.#closed) this.#deadline.arm(delayMs);
  }

  disarm(): void {
    this.#deadline.disarm();
  }

  /** Closes at once, without telling the listener. */
  close(): void {
    this.#closed = true;
    this.#deadline.cancel();
    this.#socket.destroy();
  }

  /** Goes on under TLS. On failure the channel is closed. */
  startTls(target: TlsTarget): Promise<TlsResult> {
    const plain = this.#socket;
    this.#detach(plain);
    return new Promise((resolve) => {
      const failed = (text: string, code = ''): void => {
        this.close();
        plain.destroy();
        resolve({ ok: false, text, tooOld: oldVersionCodes.has(code) });
      };
      let secure: TLSSocket;
      try {
        secure = wrapWithTls(plain, target);
      } catch (error) {
        failed(error instanceof Error ? error.message : String(error));
        return;
      }
      const broken = (error: NodeJS.ErrnoException): void => failed(error.message, error.code);
      const lost = (): void => failed('connection closed during the TLS handshake');
      secure.on('error', broken);
      secure.once('close', lost);
      secure.once('secureConnect', () => {
        this.#parser = new ReplyParser();
        this.#attach(secure);
        secure.off('error', broken);
        secure.off('close', lost);
        resolve({ ok: true, facts: tlsFacts(secure, target, this.#clock.now()) });
      });
      this.#socket = secure;
    });
  }

  #attach(socket: Socket): void {
    socket.on('data', this.#received);
    socket.on('end', this.#finished);
    socket.on('close', this.#finished);
    socket.on('error', this.#failed);
  }

  #detach(socket: Socket): void {
    socket.off('data', this.#received);
    socket.off('end', this.#finished);
    socket.off('close', this.#finished);
    socket.off('error', this.#failed);
    socket.on('error', ignoreLateError);
  }

  readonly #received = (chunk: Buffer): void => {
    this.#parser.push(chunk);
    if (this.gathers) this.together(() => this.#replies());
    else this.#replies();
  };

  #replies(): void {
    while (!this.#closed) {
      const reply = this.#parser.next();
      if (reply === null) return;
      if ('malformed' in reply) {
        this.#over({ cause: 'reply-malformed', text: `${reply.malformed}: ${JSON.stringify(reply.text)}` });
        return;
      }
      if (this.listener === null)
        this.#over({ cause: 'reply-malformed', text: 'a reply that nothing asked for' });
      else this.listener.reply(reply);
    }
  }

  readonly #finished = (): void => {
    this.#over({ cause: 'connection-lost', text: 'connection closed by the server' });
  };

  readonly #failed = (error: NodeJS.ErrnoException): void => {
    this.#over({ cause: 'connection-lost', text: error.message });
  };

  #over(end: ChannelEnd): void {
    if (this.#closed) return;
    this.#end = end;
    this.close();
    this.listener?.ended(end);
  }
}
