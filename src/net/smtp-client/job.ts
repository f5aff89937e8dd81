import type { Reply } from '../../protocol/smtp/index.ts';
import type { Envelope } from './envelope.ts';
import type { SmtpFailure, Transaction, TransactionResult } from './contract.ts';

/** Which of its replies a transaction awaits. */
export type Awaited = 'mail' | 'rcpt' | 'data' | 'eom';

/** One transaction on its way through a session. */
export type Job = {
  readonly transaction: Transaction;
  readonly envelope: Envelope;
  readonly settle: (result: TransactionResult) => void;
  awaits: Awaited;
  /** RSET was written in front of its MAIL, and its reply comes first. */
  reset: boolean;
  /** Its MAIL, or its whole envelope, was written. */
  sent: boolean;
  /** The server has answered at least one of its commands. */
  answered: boolean;
  /** The first 4xx or 5xx: what it ends in, while replies to commands already written are still read. */
  refusal: { readonly stage: Awaited; readonly reply: Reply } | null;
  /** The final dot, or the last octet of BDAT. `empty`: only the dot, to get out of a DATA that should have been refused. */
  dot: 'none' | 'empty' | 'written';
};

export function makeJob(
  transaction: Transaction,
  envelope: Envelope,
  settle: (result: TransactionResult) => void,
): Job {
  return {
    transaction,
    envelope,
    settle,
    awaits: 'mail',
    reset: false,
    sent: false,
    answered: false,
    refusal: null,
    dot: 'none',
  };
}

/** The stage to name when something goes wrong now: until the final dot is written, `data` is not over. */
export function stageOf(job: Job): Awaited {
  return job.awaits === 'eom' && job.dot === 'none' ? 'data' : job.awaits;
}

/** What a job behind the one that the session was busy with ends in when the session fails. */
export function endOfBehind(job: Job, failure: SmtpFailure): TransactionResult {
  // Written with BDAT, whole: its reply may be what was lost, also behind a 421, which not every server closes after.
  if (job.dot === 'written') return { kind: 'broken', failure, mayHaveArrived: true };
  return { kind: 'untried', failure };
}

/** What the job that the session was busy with ends in when the session fails. */
export function endOfCurrent(job: Job, failure: SmtpFailure, earlierDecided: boolean): TransactionResult {
  if (job.refusal !== null) return { kind: 'rejected', ...job.refusal };
  if (job.dot === 'written') return { kind: 'broken', failure, mayHaveArrived: true };
  // Servers that close after so many messages, or after some idle time, do it without a word; the message behind is as
  // fresh as before. The first one of a session is not: a server that always hangs up would be dialled for ever.
  const hungUp = failure.origin === 'local' && failure.cause === 'connection-lost' && !job.answered;
  if (earlierDecided && (hungUp || !job.sent)) return { kind: 'untried', failure };
  return { kind: 'broken', failure, mayHaveArrived: false };
}
