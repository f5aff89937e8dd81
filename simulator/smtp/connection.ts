import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Timer } from '../../src/base/index.ts';
import { splitCommand } from './command-line.ts';
import { runCommand } from './commands.ts';
import { accept } from './decision.ts';
import type { Decision, Session } from './decision.ts';
import type { Dialog, SmtpServerOptions } from './dialog.ts';
import { MailData } from './mail-data.ts';

// RFC 5321 §4.5.3.1.4 allows 512 octets and extensions add to it (SMTPUTF8, AUTH); Postfix stops at 2,048.
const commandLimitOctets = 2_048;
// Postfix's smtpd_hard_error_limit is 20: whoever sends nonsense is sent away.
const mistakeLimit = 20;
// A client that does not read its replies stops being read (bounded memory).
const unreadLimitOctets = 64 * 1024;
// RFC 5321 §4.5.3.2.7: a server should wait at least 5 minutes for the next command.
const idleLimitMs = 300_000;

/** One SMTP connection: bytes in, batched replies out. */
export class SmtpConnection implements Dialog {
  readonly options: SmtpServerOptions;
  readonly session: { -readonly [Key in keyof Session]: Session[Key] };
  greeted = false;
  from: string | null = null;
  smtpUtf8 = false;
  recipients: string[] = [];

  #socket: Socket;
  #output = '';
  #rest: Buffer | null = null;
  #waiting = false;
  #deaf = false;
  #ended = false;
  #timer: Timer | null = null;
  #body: MailData | null = null;
  #dotted = false;
  #chunk: { left: number; last: boolean; taken: boolean } | null = null;
  #mistakes = 0;
  #skippingLine = false;

  constructor(socket: Socket, options: SmtpServerOptions, id: number) {
    this.#socket = socket;
    this.options = options;
    this.session = { id, clientAddress: socket.remoteAddress ?? '', secure: false, begun: 0 };
    socket.setNoDelay(true);
    this.#attach(socket);
    socket.once('close', () => this.#closed());
    this.decide(options.hooks.connected?.(this.session) ?? accept, (text) => {
      this.reply(text ?? `220 ${options.hostname} ESMTP`);
    });
    this.#flush();
  }

  get mayStartTls(): boolean {
    return this.options.startTls !== 'none' && this.options.secureContext !== null && !this.session.secure;
  }

  reply(text: string): void {
    this.#output += `${text}\r\n`;
  }

  mistake(text: string): void {
    this.#mistakes += 1;
    if (this.#mistakes < mistakeLimit) this.reply(text);
    else this.end(`421 4.7.0 ${this.options.hostname} Error: too many errors`);
  }

  end(text: string): void {
    if (this.#ended) return;
    this.reply(text);
    this.#flush();
    this.#ended = true;
    this.#rest = null;
    this.#socket.end();
    // The peer may go on sending or never close its side: what it sends is thrown away, and not for ever.
    this.#socket.setTimeout(5_000);
  }

  destroy(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  beginTransaction(from: string, smtpUtf8: boolean): void {
    this.from = from;
    this.smtpUtf8 = smtpUtf8;
    this.recipients = [];
    this.session.begun += 1;
  }

  addRecipient(path: string): void {
    this.recipients.push(path);
  }

  resetTransaction(): void {
    this.from = null;
    this.smtpUtf8 = false;
    this.recipients = [];
    this.#body = null;
    this.#dotted = false;
  }

  get chunked(): boolean {
    return this.#body !== null;
  }

  expectDotted(): void {
    this.#dotted = true;
    this.#body = new MailData(this.options.keep, this.options.sizeLimitOctets);
  }

  expectChunk(octets: number, last: boolean): void {
    const taken = this.from !== null && this.recipients.length > 0;
    if (taken) this.#body ??= new MailData(this.options.keep, this.options.sizeLimitOctets);
    this.#chunk = { left: octets, last, taken };
    if (octets === 0) this.#chunkDone();
  }

  decide(decision: Decision, accepted: (text: string | undefined) => void): void {
    switch (decision.kind) {
      case 'accept':
        return accepted(decision.text);
      case 'reply':
        return decision.close === true ? this.end(decision.text) : this.reply(decision.text);
      case 'drop':
        this.#flush();
        this.#ended = true;
        if (decision.how === 'reset') this.#socket.resetAndDestroy();
        else this.#socket.destroy();
        return;
      case 'silence':
        // Goes on reading, into nothing: a paused socket would not notice that the client has gone.
        this.#flush();
        this.#deaf = true;
        return;
      case 'delay':
        this.#wait();
        this.#timer = this.options.clock.after(decision.delayMs, () => {
          this.#waiting = false;
          this.decide(decision.next, accepted);
          if (!this.#waiting) this.#goOn();
        });
        return;
    }
  }

  /** RFC 3207 §4.2: what was sent in the clear before the handshake is forgotten, pipelined commands included. */
  startTls(): void {
    const { secureContext } = this.options;
    if (secureContext === null) return;
    this.reply('220 2.0.0 Ready to start TLS');
    this.#flush();
    this.resetTransaction();
    this.greeted = false;
    this.#rest = null;
    const plain = this.#socket;
    plain.removeAllListeners('data');
    plain.removeAllListeners('drain');
    plain.removeAllListeners('timeout');
    plain.setTimeout(0);
    const secure = new TLSSocket(plain, { isServer: true, secureContext });
    this.#socket = secure;
    this.session.secure = true;
    this.#attach(secure);
  }

  #attach(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // A reset or a failed handshake ends the connection, and nothing else.
    socket.on('error', () => socket.destroy());
    socket.on('drain', () => {
      if (!this.#waiting) socket.resume();
    });
    socket.setTimeout(idleLimitMs);
    socket.on('timeout', () => {
      if (this.#ended) socket.destroy();
      else this.end(`421 4.4.2 ${this.options.hostname} Error: timeout exceeded`);
    });
  }

  #receive(chunk: Buffer): void {
    if (this.#ended || this.#deaf) return;
    if (this.#waiting) {
      this.#rest = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
      return;
    }
    const input = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = null;
    this.#consume(input);
    this.#flush();
  }

  #consume(input: Buffer): void {
    let at = 0;
    while (at < input.length && !this.#waiting && !this.#deaf && !this.#ended) {
      const socket = this.#socket;
      const next = this.#takeOne(input, at);
      if (socket !== this.#socket) return; // STARTTLS: the rest of this plain-text chunk is dropped
      if (next === -1) break;
      at = next;
    }
    if (at < input.length && !this.#ended && !this.#deaf && this.#rest === null)
      this.#rest = input.subarray(at);
  }

  /** Takes the next command or piece of a message; the index behind it, -1 when a command line is incomplete. */
  #takeOne(input: Buffer, at: number): number {
    if (this.#chunk !== null) return this.#takeChunk(input, at);
    if (!this.#dotted || this.#body === null) return this.#takeLine(input, at);
    const end = this.#body.takeDotted(input, at);
    if (end === -1) return input.length;
    this.#finishMessage();
    return end;
  }

  #takeLine(input: Buffer, at: number): number {
    const lineFeed = input.indexOf(0x0a, at);
    const length = (lineFeed === -1 ? input.length : lineFeed) - at;
    if (length > commandLimitOctets && !this.#skippingLine) {
      this.#skippingLine = true;
      this.mistake('500 5.5.2 Error: line too long');
    }
    if (lineFeed === -1) return this.#skippingLine ? input.length : -1;
    if (this.#skippingLine) this.#skippingLine = false;
    else {
      const end = lineFeed > at && input[lineFeed - 1] === 0x0d ? lineFeed - 1 : lineFeed;
      runCommand(this, splitCommand(input.toString('utf8', at, end)));
    }
    return lineFeed + 1;
  }

  #takeChunk(input: Buffer, at: number): number {
    const chunk = this.#chunk;
    if (chunk === null) return at;
    const end = Math.min(input.length, at + chunk.left);
    if (chunk.taken) this.#body?.take(input.subarray(at, end));
    chunk.left -= end - at;
    if (chunk.left === 0) this.#chunkDone();
    return end;
  }

  #chunkDone(): void {
    const chunk = this.#chunk;
    this.#chunk = null;
    if (chunk === null) return;
    if (!chunk.taken) this.mistake('503 5.5.1 Error: need RCPT command');
    else if (chunk.last) this.#finishMessage();
    else this.reply('250 2.0.0 Ok');
  }

  #finishMessage(): void {
    const body = this.#body;
    const { from, recipients } = this;
    this.resetTransaction();
    if (body === null || from === null) return;
    if (body.tooBig) return this.reply('552 5.3.4 Message size exceeds fixed limit');
    const { hooks } = this.options;
    if (hooks.message === undefined) return this.reply('250 2.0.0 Ok: queued');
    const decision = hooks.message(this.session, {
      from,
      recipients,
      sizeOctets: body.sizeOctets,
      messageId: body.messageId(),
      content: body.content(),
    });
    this.decide(decision, (text) => this.reply(text ?? '250 2.0.0 Ok: queued'));
  }

  #wait(): void {
    this.#flush();
    this.#waiting = true;
    this.#socket.pause();
  }

  #goOn(): void {
    const rest = this.#rest;
    this.#rest = null;
    if (rest !== null && !this.#ended) this.#consume(rest);
    this.#flush();
    if (!this.#waiting && !this.#ended) this.#socket.resume();
  }

  #flush(): void {
    if (this.#output === '' || this.#socket.destroyed) return;
    const output = this.#output;
    this.#output = '';
    this.#socket.write(output);
    if (this.#socket.writableLength > unreadLimitOctets) this.#socket.pause();
  }

  #closed(): void {
    this.#ended = true;
    this.#timer?.cancel();
    this.#rest = null;
    this.#body = null;
    this.options.hooks.closed?.(this.session);
  }
}
