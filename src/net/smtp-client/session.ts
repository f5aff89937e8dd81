import type { TlsFacts } from '../../events/index.ts';
import type { Reply } from '../../protocol/smtp/index.ts';
import { writeBody, writeChunk } from './body.ts';
import type { Channel, ChannelEnd, ChannelListener } from './channel.ts';
import { writeEnvelope } from './envelope.ts';
import { endOfBehind, endOfCurrent, makeJob, stageOf } from './job.ts';
import type { Job } from './job.ts';
import { looksBroken } from './suspect.ts';
import type {
  Extensions,
  SmtpFailure,
  SmtpSession,
  SmtpTimeouts,
  Suspect,
  Transaction,
  TransactionResult,
} from './contract.ts';

/** What the greeting found out. */
export type SessionFacts = {
  readonly extensions: Extensions;
  readonly tls: TlsFacts | null;
  readonly timeouts: SmtpTimeouts;
  /** Offered by the server and wanted by the caller; CHUNKING only together with PIPELINING. */
  readonly pipelining: boolean;
  readonly chunking: boolean;
  readonly onSuspect: ((suspect: Suspect) => void) | null;
};

// Whole transactions in flight with BDAT, and octets after which no more are taken. Over a distance the rate grows with the
// depth, on loopback the CPU time falls little (2, 4, 8 deep: 0.0109, 0.0085, 0.0076 ms a message at 2 KB); but each one in
// flight may arrive twice when the connection is lost. 256 KB is what a receiver's kernel holds, so that a server that
// answers before it reads on cannot be kept waiting by a write of ours.
const mostInFlight = 4;
const mostOctetsInFlight = 256 * 1024;

// Transactions handed over ahead of time without BDAT, so that each body finds the next envelope to leave with it. System
// calls that write, for 20,000 messages of 2 KB that two threads sign: 37,500 with 2, 28,000 with 4, 23,300 with 8, 22,900
// with 16.
const mostHeld = 8;
const mostOctetsHeld = 64 * 1024;

// RFC 5321 §4.1.1.10 wants the 221 awaited; a server that needs longer loses nothing when we go.
const quitMs = 2_000;

/** A greeted session. The state machine is described in README.md; each method here is a row of it. */
export class ClientSession implements SmtpSession, ChannelListener {
  readonly extensions: Extensions;
  readonly tls: TlsFacts | null;
  readonly #channel: Channel;
  readonly #timeouts: SmtpTimeouts;
  readonly #pipelining: boolean;
  readonly #chunking: boolean;
  /** The transaction whose reply comes next, and those behind it. */
  #current: Job | null = null;
  readonly #behind: Job[] = [];
  #octets = 0;
  /** With BDAT: a body is being written piece by piece, and nothing can be written behind it yet. */
  #writing = false;
  /** RSET was written and its reply comes before any of `#current`. */
  #resetAwaited = false;
  /** MAIL was accepted and no final dot followed: the next MAIL would be nested. */
  #mailOpen = false;
  /** At least one transaction was decided by the server; with BDAT, one was taken. */
  #productive = false;
  #proven = false;
  #suspect: Suspect | null = null;
  readonly #onSuspect: SessionFacts['onSuspect'];
  /** The bytes of the last group were not yet all with the kernel when its deadline was set. */
  #blocked = false;
  #failure: SmtpFailure | null = null;
  #closing = false;
  #quitSent = false;
  #listener: () => void = () => {};
  readonly #quitters: (() => void)[] = [];

  constructor(channel: Channel, facts: SessionFacts) {
    this.#channel = channel;
    this.extensions = facts.extensions;
    this.tls = facts.tls;
    this.#timeouts = facts.timeouts;
    this.#pipelining = facts.pipelining;
    this.#chunking = facts.chunking;
    this.#onSuspect = facts.onSuspect;
    channel.gathers = facts.chunking;
    channel.listener = this;
    if (channel.end !== null) this.ended(channel.end);
  }

  get usable(): boolean {
    return this.#failure === null && !this.#closing;
  }

  get suspect(): Suspect | null {
    return this.#suspect;
  }

  get room(): number {
    if (!this.usable) return 0;
    const busy = (this.#current === null ? 0 : 1) + this.#behind.length;
    if (!this.#chunking) return this.#mostHeld - busy;
    // The first one goes alone: a server that cannot read BDAT shows it, and only one message is in doubt.
    if (!this.#proven) return 1 - busy;
    return this.#octets >= mostOctetsInFlight ? 0 : mostInFlight - busy;
  }

  /** How many transactions may be here at a time without BDAT; one is with the server, and the envelope of the next. */
  get #mostHeld(): number {
    if (!this.#pipelining) return 1;
    return this.#octets >= mostOctetsHeld ? 2 : mostHeld;
  }

  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  send(transaction: Transaction): Promise<TransactionResult> {
    if (!this.usable) return Promise.resolve({ kind: 'untried', failure: this.#failure ?? closedByUs });
    if (this.room <= 0) throw new Error('send was called on an SMTP session without room');
    const envelope = writeEnvelope(transaction, this.extensions);
    if ('kind' in envelope) return Promise.resolve(envelope);
    return new Promise((resolve) => this.#hand(makeJob(transaction, envelope, resolve)));
  }

  quit(): Promise<void> {
    if (this.#failure !== null) return Promise.resolve();
    const wasUsable = this.usable;
    this.#closing = true;
    if (wasUsable) this.#listener();
    return new Promise((resolve) => {
      this.#quitters.push(resolve);
      if (this.#failure !== null) resolve();
      else if (this.#current === null) this.#sendQuit();
    });
  }

  destroy(): void {
    this.#fail(closedByUs);
  }

  reply(reply: Reply): void {
    // RFC 5321 §3.8: 421 may answer any command, or come by itself, and always means that the server goes.
    if (reply.code === 421) this.#gone(reply);
    else if (this.#quitSent) this.#fail(closedByUs);
    else if (this.#resetAwaited) this.#onReset(reply);
    else if (this.#current === null || !this.#current.sent) this.#unasked(reply);
    else this.#onReply(this.#current, reply);
  }

  expired(): void {
    const job = this.#current;
    if (this.#quitSent || job === null) {
      this.#fail(closedByUs);
      return;
    }
    if (this.#blocked && this.#channel.flushed) {
      // The writing is done, what passed was its time limit: only now the one for the reply starts.
      this.#blocked = false;
      this.#channel.arm(this.#timeouts.eomMs);
      return;
    }
    const stage = stageOf(job);
    this.#fail({ origin: 'local', stage, cause: 'reply-timeout', text: `no reply to ${stage} in time` });
  }

  ended(end: ChannelEnd): void {
    const stage = this.#current === null ? 'session' : stageOf(this.#current);
    this.#fail({ origin: 'local', stage, cause: end.cause, text: end.text });
  }

  #hand(job: Job): void {
    this.#octets += job.transaction.body.length;
    if (this.#current === null) {
      this.#current = job;
      this.#start(job);
      return;
    }
    this.#queue(job);
    if (this.#chunking) this.#followWhole();
    // The dot before it is already written: its envelope goes right behind, without waiting for the reply.
    else if (this.#current.dot !== 'none') this.#writeIfAny(this.#follow());
  }

  /** Behind all others; an urgent one before those of which nothing was written. */
  #queue(job: Job): void {
    const unsent = job.transaction.urgent === true ? this.#behind.findIndex((each) => !each.sent) : -1;
    if (unsent === -1) this.#behind.push(job);
    else this.#behind.splice(unsent, 0, job);
  }

  #onReply(job: Job, reply: Reply): void {
    job.answered = true;
    switch (job.awaits) {
      case 'mail':
        this.#onMail(job, reply);
        return;
      case 'rcpt':
        this.#onRcpt(job, reply);
        return;
      case 'data':
        this.#onData(job, reply);
        return;
      case 'eom':
        this.#onEom(job, reply);
    }
  }

  #onReset(reply: Reply): void {
    this.#resetAwaited = false;
    this.#mailOpen = false;
    const job = this.#current;
    // RFC 5321 §4.1.1.5: the server MUST answer 250. One that does not is in a state that nobody knows.
    if (isRefusal(reply)) {
      // With BDAT it may also be the answer to a line of a body that the server took for commands.
      this.#suspectChunking();
      this.#fail({ origin: 'remote', stage: 'session', reply }, { untouched: true });
    } else if (reply.code >= 300) this.#outOfStep(reply);
    else if (job !== null && !this.#pipelining) this.#write(job.envelope.mail, this.#timeouts.commandMs);
  }

  #onMail(job: Job, reply: Reply): void {
    if (isRefusal(reply)) job.refusal = { stage: 'mail', reply };
    else if (reply.code >= 300) return this.#outOfStep(reply);
    else this.#mailOpen = true;
    job.awaits = 'rcpt';
    if (this.#chunking) this.#armWhole();
    else if (this.#pipelining) this.#channel.arm(this.#timeouts.commandMs);
    else if (job.refusal !== null) this.#finish(job, { kind: 'rejected', ...job.refusal });
    else this.#write(job.envelope.rcpt, this.#timeouts.commandMs);
  }

  #onRcpt(job: Job, reply: Reply): void {
    if (isRefusal(reply)) job.refusal ??= { stage: 'rcpt', reply };
    else if (reply.code >= 300) return this.#outOfStep(reply);
    job.awaits = this.#chunking ? 'eom' : 'data';
    if (this.#chunking) this.#armWhole();
    else if (this.#pipelining) this.#channel.arm(this.#timeouts.dataMs);
    else if (job.refusal !== null) this.#finish(job, { kind: 'rejected', ...job.refusal });
    else this.#write('DATA\r\n', this.#timeouts.dataMs);
  }

  #onData(job: Job, reply: Reply): void {
    if (isRefusal(reply)) {
      job.refusal ??= { stage: 'data', reply };
      this.#finish(job, { kind: 'rejected', ...job.refusal });
      return;
    }
    if (reply.code < 300) return this.#outOfStep(reply);
    job.awaits = 'eom';
    // RFC 2920 §3.1: DATA ends its group. What came behind the 354 cannot answer a dot that is not written yet: write
    // nothing, the reply already there decides (#onEom).
    if (this.#channel.pending) this.#channel.arm(this.#timeouts.dataMs);
    else if (job.refusal === null) this.#sendBody(job);
    else this.#sendEmptyBody(job);
  }

  #onEom(job: Job, reply: Reply): void {
    if (job.dot === 'none') {
      // Refused while the body was still under way: the rest of it cannot be taken back, so this session is over.
      if (!isRefusal(reply)) return this.#outOfStep(reply);
      job.refusal ??= { stage: 'data', reply };
      this.#fail({ origin: 'remote', stage: 'data', reply });
      return;
    }
    if (reply.code >= 300 && !isRefusal(reply)) return this.#outOfStep(reply);
    if (this.#chunking && !this.#isOrderly(job, reply)) return;
    if (job.refusal !== null) this.#finish(job, { kind: 'rejected', ...job.refusal });
    else if (isRefusal(reply)) this.#finish(job, { kind: 'rejected', stage: 'eom', reply });
    else this.#finish(job, { kind: 'accepted', reply });
  }

  /** Whether the reply to BDAT is one that a server gives which has read the body as such; else the session ends. */
  #isOrderly(job: Job, reply: Reply): boolean {
    if (job.refusal === null && reply.code >= 500 && reply.code <= 504) {
      // RFC 5321 §4.2.4: BDAT is unknown or out of place although RCPT was taken. No message was read, and what was meant
      // as one is now taken for commands.
      job.dot = 'none';
      this.#suspectChunking();
      this.#fail({ origin: 'remote', stage: 'eom', reply });
      return false;
    }
    if (job.refusal !== null && !isRefusal(reply)) {
      // Taken although MAIL or RCPT was not: for whom, nobody knows.
      job.refusal = null;
      this.#outOfStep(reply);
      return false;
    }
    if (!isRefusal(reply)) {
      this.#proven = true;
      this.#mailOpen = false;
    }
    return true;
  }

  /** Writes the first group of a transaction when the session has nothing else under way. */
  #start(job: Job): void {
    this.#channel.arm(this.#timeouts.commandMs);
    // Something came that nothing asked for; its reply will end the session before this transaction has begun.
    if (this.#channel.pending) return;
    job.sent = true;
    this.#resetAwaited = this.#mailOpen;
    this.#mailOpen = false;
    if (this.#chunking) {
      this.#writeWhole(job, this.#resetAwaited);
      this.#followWhole();
      return;
    }
    // RFC 5321 §4.1.4: MAIL while a transaction is open is refused (nested MAIL); RSET closes it.
    const reset = this.#resetAwaited ? 'RSET\r\n' : '';
    if (this.#pipelining) this.#channel.write(reset + group(job));
    else this.#channel.write(this.#resetAwaited ? reset : job.envelope.mail);
  }

  /** A whole transaction at once (RFC 3030 §4.2), its body piece by piece when it is large. */
  #writeWhole(job: Job, reset: boolean): void {
    job.sent = true;
    job.reset = reset;
    this.#writing = true;
    this.#blocked = true;
    this.#channel.arm(this.#timeouts.blockMs);
    const { mail, rcpt } = job.envelope;
    const before = `${reset ? 'RSET\r\n' : ''}${mail}${rcpt}`;
    writeChunk(
      this.#channel,
      { before, transaction: job.transaction },
      {
        piece: () => this.#channel.arm(this.#timeouts.blockMs),
        lastPiece: () => {
          job.dot = 'written';
          return '';
        },
        written: () => {
          this.#writing = false;
          this.#armWhole();
          this.#followWhole();
        },
      },
    );
  }

  /** Writes what is behind, each with RSET in front: whether the one before it will be refused is not known yet. */
  #followWhole(): void {
    if (this.#writing || this.#current === null || !this.#current.sent) return;
    // RFC 3030 §4.2: a refused BDAT leaves the transaction open; without RSET this recipient would join that one, with its
    // return path. RFC 2920 §3.1: RSET may stand anywhere in a group.
    const next = this.#behind.find((job) => !job.sent);
    if (next !== undefined) this.#writeWhole(next, true);
  }

  /** With BDAT a server may answer everything at its end: only the longest time limit holds for all of it. */
  #armWhole(): void {
    if (this.#blocked && !this.#channel.flushed) return;
    this.#blocked = false;
    if (!this.#writing) this.#channel.arm(this.#timeouts.eomMs);
  }

  /** The envelope of the transaction behind, marked as written; empty when there is none or it cannot be pipelined. */
  #follow(): string {
    const next = this.#behind[0];
    if (next === undefined || next.sent || !this.#pipelining) return '';
    next.sent = true;
    return group(next);
  }

  #writeIfAny(text: string): void {
    // Writing nothing costs a system call as well.
    if (text !== '') this.#channel.write(text);
  }

  #sendBody(job: Job): void {
    this.#blocked = true;
    this.#channel.arm(this.#timeouts.blockMs);
    writeBody(this.#channel, job.transaction, {
      piece: () => this.#channel.arm(this.#timeouts.blockMs),
      lastPiece: () => {
        job.dot = 'written';
        this.#mailOpen = false;
        return this.#follow();
      },
      written: () => {},
    });
    if (job.dot === 'written' && this.#channel.flushed) {
      this.#blocked = false;
      this.#channel.arm(this.#timeouts.eomMs);
    }
  }

  /** RFC 2920 §3.1: when DATA is taken although no recipient was, a lone dot ends it; nothing can be delivered by that. */
  #sendEmptyBody(job: Job): void {
    job.dot = 'empty';
    this.#mailOpen = false;
    this.#write(`.\r\n${this.#follow()}`, this.#timeouts.eomMs);
  }

  #write(text: string, replyMs: number): void {
    this.#channel.arm(replyMs);
    // Step by step nothing may be left over; if it is, the next reply is not the one to this command.
    if (this.#channel.pending) this.#outOfStep(null);
    else this.#channel.write(text);
  }

  #finish(job: Job, result: TransactionResult): void {
    this.#productive = true;
    if (!this.#chunking) this.#blocked = false;
    this.#octets -= job.transaction.body.length;
    const next = this.#behind.shift() ?? null;
    this.#current = next;
    this.#resetAwaited = next !== null && next.reset;
    if (next === null) this.#channel.disarm();
    else if (!next.sent) this.#start(next);
    else if (this.#chunking) this.#armWhole();
    else this.#channel.arm(this.#timeouts.commandMs);
    job.settle(result);
    if (this.usable) this.#listener();
    if (this.#closing && this.#current === null) this.#sendQuit();
  }

  #sendQuit(): void {
    if (this.#quitSent || this.#failure !== null) return;
    this.#quitSent = true;
    this.#channel.write('QUIT\r\n');
    this.#channel.arm(quitMs);
  }

  #gone(reply: Reply): void {
    const job = this.#current;
    const asked = job !== null && job.sent && !this.#resetAwaited;
    if (asked) job.refusal ??= { stage: stageOf(job), reply };
    const stage = asked ? stageOf(job) : 'session';
    this.#fail({ origin: 'remote', stage, reply }, { untouched: !asked });
  }

  #unasked(reply: Reply): void {
    if (isRefusal(reply)) {
      // A line of a body, taken for a command; a 4yz by itself is a server that got tired of waiting.
      if (reply.code >= 500) this.#suspectChunking();
      this.#fail({ origin: 'remote', stage: 'session', reply }, { untouched: true });
    } else this.#outOfStep(reply);
  }

  #suspectChunking(): void {
    if (this.#chunking) this.#suspect = 'chunking';
  }

  #outOfStep(reply: Reply | null): void {
    const stage = this.#current === null ? 'session' : stageOf(this.#current);
    const text =
      reply === null ? 'a reply that nothing asked for' : `unexpected reply ${reply.code} to ${stage}`;
    this.#fail({ origin: 'local', stage, cause: 'reply-malformed', text });
  }

  /** Ends the session and everything on it. `untouched`: what failed was not about the current transaction. */
  #fail(failure: SmtpFailure, about: { untouched: boolean } = { untouched: false }): void {
    if (this.#failure !== null) return;
    const wasUsable = this.usable;
    this.#failure = failure;
    this.#channel.close();
    const current = this.#current;
    const behind = this.#behind.splice(0);
    this.#current = null;
    this.#suspect ??= this.#suspectBy(failure, current, behind);
    if (this.#suspect !== null) this.#onSuspect?.(this.#suspect);
    if (current !== null) {
      const untouched = about.untouched && current.refusal === null && current.dot !== 'written';
      current.settle(
        untouched ? { kind: 'untried', failure } : endOfCurrent(current, failure, this.#productive),
      );
    }
    for (const job of behind) job.settle(endOfBehind(job, failure));
    for (const done of this.#quitters.splice(0)) done();
    if (wasUsable) this.#listener();
  }

  #suspectBy(failure: SmtpFailure, job: Job | null, behind: readonly Job[]): Suspect | null {
    if (!this.#pipelining || failure === closedByUs) return null;
    const chunking = this.#chunking;
    const followed = behind.some(({ sent }) => sent);
    const broken = looksBroken({ failure, job, followed, productive: this.#productive, chunking });
    return broken ? (chunking ? 'chunking' : 'pipelining') : null;
  }
}

const closedByUs: SmtpFailure = {
  origin: 'local',
  stage: 'session',
  cause: 'connection-lost',
  text: 'session closed by this side',
};

/** RFC 5321 §4.2.1: 4yz and 5yz; the parser lets nothing above 599 through. */
function isRefusal(reply: Reply): boolean {
  return reply.code >= 400;
}

/** The commands of a whole transaction in one group (RFC 2920 §3.1). */
function group(job: Job): string {
  return `${job.envelope.mail}${job.envelope.rcpt}DATA\r\n`;
}
