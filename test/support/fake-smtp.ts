import type { Clock } from '../../src/base/index.ts';
import type { Stage } from '../../src/events/index.ts';
import type {
  Dial,
  DialOptions,
  DialResult,
  Extensions,
  SmtpFailure,
  SmtpSession,
  Transaction,
  TransactionResult,
} from '../../src/net/smtp-client/index.ts';

/** What the server does with one transaction. */
export type FakeAnswer =
  | { readonly kind: 'accept' }
  /** A 4xx or 5xx; 421 also ends the session. */
  | { readonly kind: 'reply'; readonly code: number; readonly stage: Stage; readonly text?: string }
  /** Closes before the final dot, without a reply. */
  | { readonly kind: 'break' }
  /** Closes after the final dot, without a reply: `kept` tells whether the message is in the mailbox. */
  | { readonly kind: 'drop'; readonly kept: boolean };

/** How a server behaves on one connection. */
export type FakeConnection =
  | {
      readonly kind: 'open';
      readonly pipelining?: boolean;
      /** Transactions after which it closes without a word. */
      readonly closesAfter?: number;
      /** Closes as soon as it has greeted, or says 421 before it reads anything. */
      readonly greeting?: 'closes' | 'says-421';
      readonly answer: (transaction: Transaction) => FakeAnswer;
      /** The session is over. */
      readonly onEnd?: () => void;
    }
  | { readonly kind: 'fail'; readonly failure: SmtpFailure };

export type FakeSmtp = {
  readonly dial: Dial;
  /** Every dial, in order. */
  readonly dials: DialOptions[];
  /** Timers of the fake that have not fired. */
  readonly pendingTimers: number;
  readonly open: number;
  readonly mostOpen: number;
};

export type FakeSmtpOptions = {
  readonly clock: Clock;
  /** For each reply. */
  readonly roundTripMs: number;
  /** For a dial; left out: the same. */
  readonly dialMs?: number;
  readonly connection: (options: DialOptions) => FakeConnection;
};

export const refusedConnection: SmtpFailure = {
  origin: 'local',
  stage: 'connect',
  cause: 'connect-refused',
  text: 'connection refused',
};

type Counts = { pending: number; open: number; mostOpen: number };
type Wire = { readonly counts: Counts; readonly later: (action: () => void) => void };

/** SMTP without sockets: sessions keep the contract of `SmtpSession` and answer as told, on the given clock. */
export function fakeSmtp(options: FakeSmtpOptions): FakeSmtp {
  const dials: DialOptions[] = [];
  const counts: Counts = { pending: 0, open: 0, mostOpen: 0 };
  const later = (action: () => void, delayMs = options.roundTripMs): void => {
    counts.pending++;
    options.clock.after(delayMs, () => {
      counts.pending--;
      action();
    });
  };
  const dial: Dial = (dialled) => {
    dials.push(dialled);
    return new Promise<DialResult>((resolve) => {
      later(() => {
        const connection = options.connection(dialled);
        if (connection.kind === 'fail') resolve({ ok: false, failure: connection.failure, tls: null });
        else resolve({ ok: true, session: new FakeSession(connection, { counts, later }) });
      }, options.dialMs);
    });
  };
  return {
    dial,
    dials,
    get pendingTimers() {
      return counts.pending;
    },
    get open() {
      return counts.open;
    },
    get mostOpen() {
      return counts.mostOpen;
    },
  };
}

type Job = { readonly transaction: Transaction; readonly settle: (result: TransactionResult) => void };

const closed: SmtpFailure = { origin: 'local', stage: 'session', cause: 'connection-lost', text: 'closed' };

const extensions: Extensions = {
  pipelining: true,
  eightBitMime: true,
  smtpUtf8: true,
  chunking: false,
  startTls: false,
  requireTls: false,
  sizeOctets: null,
};

class FakeSession implements SmtpSession {
  readonly extensions = extensions;
  readonly tls = null;
  readonly suspect = null;
  readonly #connection: FakeConnection & { kind: 'open' };
  readonly #wire: Wire;
  readonly #jobs: Job[] = [];
  #decided = 0;
  #over = false;
  #closing = false;
  #listener: () => void = () => undefined;
  readonly #quitters: (() => void)[] = [];

  constructor(connection: FakeConnection & { kind: 'open' }, wire: Wire) {
    this.#connection = connection;
    this.#wire = wire;
    wire.counts.open++;
    wire.counts.mostOpen = Math.max(wire.counts.mostOpen, wire.counts.open);
    if (connection.greeting === 'closes') this.#end(closed);
  }

  get usable(): boolean {
    return !this.#over && !this.#closing;
  }

  get room(): number {
    if (!this.usable) return 0;
    return (this.#connection.pipelining === false ? 1 : 2) - this.#jobs.length;
  }

  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  send(transaction: Transaction): Promise<TransactionResult> {
    return new Promise((resolve) => this.deliver(transaction, resolve));
  }

  deliver(transaction: Transaction, done: (result: TransactionResult) => void): void {
    if (!this.usable) {
      done({ kind: 'untried', failure: closed });
      return;
    }
    if (this.room === 0) throw new Error('send without room');
    this.#jobs.push({ transaction, settle: done });
    if (this.#jobs.length === 1) this.#wire.later(() => this.#answer());
  }

  quit(): Promise<void> {
    if (this.#over) return Promise.resolve();
    const wasUsable = this.usable;
    this.#closing = true;
    if (wasUsable) this.#listener();
    return new Promise((resolve) => {
      this.#quitters.push(resolve);
      if (this.#jobs.length === 0) this.#wire.later(() => this.#end(closed));
    });
  }

  destroy(): void {
    const [current] = this.#jobs;
    if (current !== undefined) {
      this.#jobs.shift();
      current.settle({ kind: 'broken', failure: closed, mayHaveArrived: false });
    }
    this.#end(closed);
  }

  #answer(): void {
    const job = this.#jobs[0];
    if (this.#over || job === undefined) return;
    if (this.#connection.greeting === 'says-421') {
      this.#end({ origin: 'remote', stage: 'session', reply: reply(421) });
      return;
    }
    const answer = this.#connection.answer(job.transaction);
    switch (answer.kind) {
      case 'accept':
        this.#decide(job, { kind: 'accepted', reply: reply(250) });
        return;
      case 'reply':
        this.#decide(job, { kind: 'rejected', stage: answer.stage, reply: reply(answer.code, answer.text) });
        return;
      case 'drop':
        this.#break(job, { kind: 'broken', failure: { ...closed, stage: 'eom' }, mayHaveArrived: true });
        return;
      case 'break':
        if (this.#decided > 0) this.#end(closed);
        else this.#break(job, { kind: 'broken', failure: closed, mayHaveArrived: false });
    }
  }

  #decide(job: Job, result: TransactionResult & { reply: { code: number } }): void {
    this.#decided++;
    const isLast = result.reply.code === 421 || this.#decided === this.#connection.closesAfter;
    if (isLast) {
      this.#break(job, result);
      return;
    }
    this.#jobs.shift();
    if (this.#jobs.length > 0) this.#wire.later(() => this.#answer());
    job.settle(result);
    if (this.usable) this.#listener();
    if (this.#closing && this.#jobs.length === 0) this.#end(closed);
  }

  #break(job: Job, result: TransactionResult): void {
    this.#jobs.shift();
    job.settle(result);
    this.#end(closed);
  }

  /** Everything still on the session is untried. */
  #end(failure: SmtpFailure): void {
    if (this.#over) return;
    const wasUsable = this.usable;
    this.#over = true;
    this.#wire.counts.open--;
    this.#connection.onEnd?.();
    for (const job of this.#jobs.splice(0)) job.settle({ kind: 'untried', failure });
    for (const done of this.#quitters.splice(0)) done();
    if (wasUsable) this.#listener();
  }
}

function reply(
  code: number,
  text = `answer ${code}`,
): { code: number; status: null; lines: readonly string[] } {
  return { code, status: null, lines: [text] };
}
