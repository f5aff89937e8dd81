export { Carrier } from './carrier.ts';
export type { CarrierOptions } from './carrier.ts';
export type {
  Assignment,
  CarrierEvents,
  CarrierPort,
  ConnectCarrier,
  Returned,
  SharedHold,
} from './carrier-port.ts';
export { Engine } from './engine.ts';
export type { EngineOptions } from './engine.ts';
export type { EngineListener } from './engine-listener.ts';
export type { Settled } from './settler.ts';
export type { Source } from './egress-path.ts';
export type { Flow } from './flow.ts';
export type { SendingHours } from './sending-hours.ts';
export { isTimezone, outsideOf, parseSendingWindow } from './sending-window.ts';
export type { LocalWindow, SendingWindow } from './sending-window.ts';
export { asksFor } from './reaction-ports.ts';
export type { LiftRequest, ReactionStore, RecordedReaction, RecordedReply } from './reaction-ports.ts';
export type { ProviderIdOf } from './reaction-book.ts';
export { stopScopes, suspensionOf, targetKey } from './reaction.ts';
export type { Observed, Reaction, Suspension, SuspensionTarget, WayFailure } from './reaction.ts';
export { replay } from './replay.ts';
export type { Replay } from './replay.ts';
export type { SourcePlan } from './source-choice.ts';
export { checkSource } from './source-check.ts';
export type { SourceFinding } from './source-check.ts';
export { dayOf, daysFor, warmupStep } from './warm-up.ts';
export type { SourceDay, WarmupStep } from './warm-up.ts';
export { createRouter } from './route.ts';
export { sendAlone } from './send-alone.ts';
export type { Router, StaticRoute } from './route.ts';
export type {
  ArrivedMessage,
  Composer,
  DeliveryStore,
  MessageRow,
  OpenCampaign,
  PathHold,
  QueuedMessage,
  Reader,
  Settlement,
  StoredMail,
} from './ports.ts';
export type { SiteShape } from './deal.ts';
export { createShaping } from './limits.ts';
export type { EffectiveLimits, LimitOrigin, Limits, PathFacts, Shaping } from './limits.ts';
export type { PaceChange, PaceSnapshot } from './path-pace.ts';
export type { PaceEvent, PaceStore, StoredPace } from './pace-ports.ts';
export { accountOf, limitsNow } from './path-explain.ts';
export type { ExplainedLimit, PathAccount, PathExplanation } from './path-explain.ts';
export type { PathHistory, PathReply } from './path-history.ts';
export { providerOfSite, siteShape } from './path-shaper.ts';
export type { PaceReport, ShaperFacts } from './path-shaper.ts';
export type { Site } from './site.ts';
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
