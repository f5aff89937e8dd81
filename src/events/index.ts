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
