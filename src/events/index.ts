export type { FinalState, MessageEvent, MessageState, OutcomeReading, Waiting } from './event.ts';
export type { ListingEvent } from './listing.ts';
export type {
  LocalCause,
  LocalOutcome,
  Outcome,
  OutcomeKind,
  OutcomeScope,
  RemoteOutcome,
  Stage,
  TlsFacts,
  TlsProblem,
} from './outcome.ts';
export type { ReturnedEvent, ReturnedKind, ReturnedMatch, ReturnedTaken } from './returned.ts';
export type { Stream } from './stream.ts';
