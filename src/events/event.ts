import type { Outcome } from './outcome.ts';

/** Ledger states that no longer change by themselves. */
export type FinalState = 'delivered' | 'bounced' | 'suppressed' | 'expired' | 'cancelled';

/** The state of one message in the ledger. */
export type MessageState = FinalState | 'waiting';

/** What the knowledge base made of an outcome, kept with the attempt so that later rules do not rewrite history. */
export type OutcomeReading = {
  /** One of knowledge/verdicts.yaml; null for a plain success. */
  readonly verdict: string | null;
  /** Finer name beside the verdict, e.g. `greylisted`. */
  readonly detail: string | null;
  /** Id of the reply rule that decided, or `local:<cause>`. */
  readonly rule: string | null;
  /** 0–1. */
  readonly confidence: number;
  /** Nothing sent there will ever arrive; absent where that is not so. */
  readonly hardBounce?: boolean;
};

/** Something that happened to one message: append-only, in the order of commit. */
export type MessageEvent = {
  readonly messageId: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** `captured`: kept instead of sent, since it came in test mode. */
  readonly kind: 'attempted' | 'captured' | 'suppressed' | 'expired' | 'cancelled';
  /** The attempt's outcome; null when no attempt was made (captured, suppressed, cancelled, expired in the queue). */
  readonly outcome: Outcome | null;
  readonly reading: OutcomeReading;
};

/** Why something that waits does so, and until when at the latest it will be looked at again. */
export type Waiting = {
  /** Machine name: `queued`, `retry`, `path-hold`, `not-running`. */
  readonly because: string;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
};
