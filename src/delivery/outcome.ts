import type { Outcome, OutcomeKind, OutcomeScope, Stage, TlsFacts } from '../events/index.ts';
import type { SmtpFailure, TransactionResult } from '../net/smtp-client/index.ts';
import type { Reply } from '../protocol/smtp/index.ts';

/** Where an attempt was made; the same for every outcome of a session. */
export type AttemptPlace = {
  readonly host: string | null;
  readonly address: string | null;
  readonly source: string | null;
  readonly tls: TlsFacts | null;
};

export const nowhere: AttemptPlace = { host: null, address: null, source: null, tls: null };

/** What a transaction that was tried ended in. */
export function outcomeOf(
  result: Exclude<TransactionResult, { kind: 'untried' }>,
  place: AttemptPlace,
  durationMs: number,
): Outcome {
  const facts = { ...place, durationMs };
  switch (result.kind) {
    case 'accepted':
      return {
        ...facts,
        kind: 'delivered',
        scope: 'recipient',
        stage: 'eom',
        origin: 'remote',
        reply: result.reply,
      };
    case 'rejected':
      return remoteOutcome(result.reply, result.stage, facts);
    case 'unsendable':
      return {
        ...facts,
        kind: 'refused',
        scope: 'message',
        stage: 'mail',
        origin: 'local',
        cause: result.cause,
        text: result.text,
      };
    case 'broken':
      return failureOutcome(result.failure, facts, result.mayHaveArrived ? 'unknown' : 'deferred');
  }
}

/** A failure to open a session, or the end of one, as the outcome of the message that was to go through it. */
export function failureOutcome(
  failure: SmtpFailure,
  facts: AttemptPlace & { readonly durationMs: number },
  kind: OutcomeKind = 'deferred',
): Outcome {
  if (failure.origin === 'remote') return { ...remoteOutcome(failure.reply, failure.stage, facts), kind };
  const { stage, cause, text } = failure;
  return {
    ...facts,
    kind,
    scope: cause === 'connect-local' ? 'source' : 'host',
    stage,
    origin: 'local',
    cause,
    text,
  };
}

/**
 * true for a 421 to MAIL on a session that has already decided messages: the server ends the session (its limit of messages
 * a session, a restart) and says nothing of this message, which goes on through another one.
 */
export function isSessionOver(outcome: Outcome, decided: number): boolean {
  const isEnd = outcome.origin === 'remote' && outcome.reply.code === 421 && outcome.stage === 'mail';
  return isEnd && decided > 0;
}

function remoteOutcome(reply: Reply, stage: Stage, facts: AttemptPlace & { durationMs: number }): Outcome {
  // RFC 5321 §4.2.1: 4yz is transient, 5yz permanent. Anything else at this point is a broken server: try again.
  const kind: OutcomeKind = reply.code >= 500 ? 'refused' : 'deferred';
  return { ...facts, kind, scope: scopeOf(reply, stage), stage, origin: 'remote', reply };
}

function scopeOf(reply: Reply, stage: Stage): OutcomeScope {
  // RFC 5321 §3.8: 421 closes the session, whatever command it answers.
  if (reply.code === 421) return 'session';
  switch (stage) {
    case 'rcpt':
      return 'recipient';
    case 'mail':
    case 'data':
    case 'eom':
      return 'message';
    default:
      return 'host';
  }
}
