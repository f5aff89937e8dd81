export { Carrier } from './carrier.ts';
export type { CarrierOptions } from './carrier.ts';
export type { Assignment, CarrierEvents, CarrierPort, ConnectCarrier, SharedHold } from './carrier-port.ts';
export { Engine } from './engine.ts';
export type { EngineOptions } from './engine.ts';
export type { EngineListener } from './engine-listener.ts';
export type { Settled } from './settler.ts';
export type { Source } from './egress-path.ts';
export { createRouter } from './route.ts';
export type { Router, StaticRoute } from './route.ts';
export type {
  Composer,
  DeliveryStore,
  MessageRow,
  PathHold,
  QueuedMessage,
  Reader,
  Settlement,
} from './ports.ts';
export { failureKinds } from './failures.ts';
export type {
  Failure,
  FailureCounts,
  FailureFilter,
  FailureKind,
  FailurePage,
  FailureStore,
  FailureTally,
  ProviderOf,
} from './failures.ts';
export { why, whyUnmailed } from './why.ts';
export type { AdviceText, Certainty, Explain, Explained, Why, WhyOptions } from './why.ts';
export type { TimelineEntry } from './why-timeline.ts';
export type { MessageFacts, SuppressionFacts, WhyStore } from './why-ports.ts';
export { waryDial } from './wary-dial.ts';
