import type { MessageEvent, Outcome, OutcomeReading } from '../events/index.ts';
import type { MessageRow, Settlement } from './ports.ts';
import { retryDelayMs } from './retry.ts';
import type { RetryPolicy } from './retry.ts';

/** What a decision needs besides the outcome. `random` in [0, 1). */
export type SettleContext = {
  readonly policy: RetryPolicy;
  readonly nowMs: number;
  readonly random: number;
  /** A refusal is about us: the message waits. Left out: it is not. */
  readonly keeps?: boolean;
};

/** What was learnt from one attempt, read against the knowledge base. */
export type Attempted = { readonly outcome: Outcome; readonly reading: OutcomeReading };

/** Outcome → next state of the message, as a table over the outcome's kind. Pure. */
export function settle(message: MessageRow, attempted: Attempted, context: SettleContext): Settlement {
  const { outcome } = attempted;
  const event = (kind: MessageEvent['kind']): MessageEvent => ({
    messageId: message.id,
    atMs: context.nowMs,
    kind,
    outcome,
    reading: attempted.reading,
  });
  switch (outcome.kind) {
    case 'delivered':
      return { event: event('attempted'), next: { state: 'delivered' } };
    case 'refused':
    case 'deferred':
    case 'unknown': {
      if (outcome.kind === 'refused' && context.keeps !== true)
        return { event: event('attempted'), next: { state: 'bounced' } };
      const attempts = message.attempts + 1;
      const unknowns = message.unknowns + (outcome.kind === 'unknown' ? 1 : 0);
      // Each unknown outcome may have put a copy into the mailbox: three copies are the most we risk by default.
      const riskedEnough = outcome.kind === 'unknown' && unknowns >= context.policy.unknownMax;
      const givesUp = riskedEnough || context.nowMs >= message.expiresMs;
      if (givesUp) return { event: event('attempted'), next: { state: 'expired' } };
      const delayMs = retryDelayMs({ ...context, attempts, reading: attempted.reading });
      // The last try falls on the end of the message's life, not after it.
      const untilMs = Math.min(context.nowMs + delayMs, message.expiresMs);
      const waiting = { because: 'retry', untilMs };
      return { event: event('attempted'), next: { state: 'waiting', waiting, attempts, unknowns } };
    }
  }
}

const noReading: OutcomeReading = { verdict: 'expired', detail: null, rule: 'local:expired', confidence: 1 };

/** End of the message's lifetime while it waited; `last` is what kept it waiting, when known. */
export function settleExpired(
  message: { readonly id: number },
  last: Attempted | null,
  nowMs: number,
): Settlement {
  const event: MessageEvent = {
    messageId: message.id,
    atMs: nowMs,
    kind: 'expired',
    outcome: last?.outcome ?? null,
    reading: last?.reading ?? noReading,
  };
  return { event, next: { state: 'expired' } };
}
