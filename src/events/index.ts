export type { FinalState, MessageEvent, MessageState, OutcomeReading, Waiting } from './event.ts';
export type {
  LocalCause,
  LocalOutcome,
  Outcome,
  OutcomeKind,
  OutcomeScope,
  RemoteOutcome,
  Stage,
  TlsFacts,
} from './outcome.ts';
export type { ReturnedEvent, ReturnedKind, ReturnedMatch, ReturnedTaken } from './returned.ts';
