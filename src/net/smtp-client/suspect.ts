import type { SmtpFailure } from './contract.ts';
import type { Job } from './job.ts';

/** How far a session with PIPELINING had come when it failed. */
export type EndFacts = {
  readonly failure: SmtpFailure;
  /** The transaction that it was busy with. */
  readonly job: Job | null;
  /** Commands of the next transaction were written behind it. */
  readonly followed: boolean;
  /** The server had decided a transaction before. */
  readonly productive: boolean;
  readonly chunking: boolean;
};

/**
 * true when the end looks like that of a server which cannot take commands in groups: it loses what stands behind the first
 * line, answers out of order, or hangs up. One that said in words what it did not like (`remote`) is not meant.
 */
export function looksBroken({ failure, job, followed, productive, chunking }: EndFacts): boolean {
  if (failure.origin === 'remote' || job === null || !job.sent) return false;
  switch (failure.cause) {
    case 'reply-malformed':
      return true;
    case 'connection-lost':
      // Later on it is usual: after so many messages, or after some idle time. So it is behind a refusal.
      return !productive && job.refusal === null && (job.dot === 'none' || followed || chunking);
    case 'reply-timeout':
      // Some replies of a group came, or the group stood behind a dot that was answered: the rest was lost on the way in.
      return chunking || (job.dot === 'none' && (job.answered || productive));
    default:
      return false;
  }
}
