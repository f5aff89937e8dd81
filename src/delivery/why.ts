import type { Bilingual } from '../base/index.ts';
import type { MessageEvent, MessageState, Outcome } from '../events/index.ts';
import { replyText } from '../protocol/smtp/index.ts';
import { because, waitOf } from './why-waiting.ts';
import type { MessageFacts, WhyStore } from './why-ports.ts';

/** How sure we are: the receiver's own word or our own log; a reading of it; or nobody outside can know. */
export type Certainty = 'proved' | 'likely' | 'unknowable';

/** One line of a message's history. */
export type TimelineEntry = {
  readonly at: string;
  readonly event: 'accepted' | MessageEvent['kind'];
  readonly outcome: Outcome['kind'] | null;
  readonly stage: string | null;
  readonly host: string | null;
  readonly address: string | null;
  readonly source: string | null;
  readonly origin: Outcome['origin'] | null;
  /** The receiver's own words. */
  readonly reply: string | null;
  /** What happened on our side, when the receiver said nothing. */
  readonly cause: string | null;
  readonly text: string | null;
  readonly tls: string | null;
  readonly verdict: string | null;
  readonly detail: string | null;
  readonly rule: string | null;
  readonly confidence: number | null;
};

/** Advice as the knowledge base gives it, in one language. */
export type AdviceText = {
  readonly title: string;
  readonly meaning: string;
  readonly steps: readonly { readonly party: string; readonly steps: readonly string[] }[];
};

/** What the knowledge base is asked for one answer. */
export type Explained = {
  readonly party: string;
  /** Confidence of the reading, 0–1; null for a success. */
  readonly confidence: number | null;
  /** The receiver is known to accept mail and then drop it without a word. */
  readonly dropsSilently: boolean;
  readonly advice: { readonly ja: AdviceText; readonly en: AdviceText };
};

/** Reads an outcome against the knowledge base; `outcome` null: never tried. */
export type Explain = (question: {
  readonly outcome: Outcome | null;
  readonly verdict: string | null;
  readonly detail: string | null;
  readonly domain: string;
  readonly state: MessageState;
}) => Explained;

/** The answer of `todoku why` (design.md §6). Times are ISO 8601. */
export type Why = {
  readonly message: string;
  readonly to: string;
  readonly campaign: string;
  readonly state: MessageState;
  readonly because: string | null;
  readonly becauseText: Bilingual | null;
  readonly until: string | null;
  readonly timeline: readonly TimelineEntry[];
  readonly verdict: string | null;
  readonly certainty: Certainty;
  readonly party: string;
  readonly advice: { readonly ja: AdviceText; readonly en: AdviceText };
};

export type WhyOptions = {
  readonly store: WhyStore;
  readonly explain: Explain;
  readonly nowMs: number;
  /** true while a process delivers from this data folder. */
  readonly working: boolean;
  readonly messageIdOf: (message: MessageFacts) => string;
};

/** Why one message is where it is. */
export function why(message: MessageFacts, options: WhyOptions): Why {
  const events = options.store.eventsOf(message.id);
  const last = events[events.length - 1] ?? null;
  const wait = message.state === 'waiting' ? waitOf(message, options) : null;
  const outcome = last?.outcome ?? null;
  const verdict = last?.reading.verdict ?? null;
  const explained = options.explain({
    outcome,
    verdict,
    detail: last?.reading.detail ?? null,
    domain: message.domain,
    state: message.state,
  });
  // Waiting is nobody's turn only while something delivers.
  const stands = wait?.because === 'not-running';
  return {
    message: options.messageIdOf(message),
    to: message.address,
    campaign: message.campaign,
    state: message.state,
    because: wait?.because ?? null,
    becauseText: wait === null ? null : because(wait),
    until: wait === null ? null : iso(wait.untilMs),
    timeline: [accepted(message), ...events.map(entry)],
    verdict,
    certainty: certaintyOf(message.state, outcome, explained),
    party: stands ? 'operator' : explained.party,
    advice: explained.advice,
  };
}

// A reading at or above this is a rule with the provider's own words; below, a status code or a general text.
const provedConfidence = 0.8;

function certaintyOf(state: MessageState, outcome: Outcome | null, explained: Explained): Certainty {
  if (outcome === null) return 'proved';
  if (outcome.kind === 'unknown') return 'unknowable';
  if (state === 'delivered') return explained.dropsSilently ? 'unknowable' : 'proved';
  return (explained.confidence ?? 1) >= provedConfidence ? 'proved' : 'likely';
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

const nothing = {
  outcome: null,
  stage: null,
  host: null,
  address: null,
  source: null,
  origin: null,
  reply: null,
  cause: null,
  text: null,
  tls: null,
  verdict: null,
  detail: null,
  rule: null,
  confidence: null,
} satisfies Partial<TimelineEntry>;

function accepted(message: MessageFacts): TimelineEntry {
  return { ...nothing, at: iso(message.acceptedMs), event: 'accepted' };
}

function entry(event: MessageEvent): TimelineEntry {
  const base = { ...nothing, ...event.reading, at: iso(event.atMs), event: event.kind };
  const { outcome } = event;
  if (outcome === null) return base;
  const said =
    outcome.origin === 'remote'
      ? { reply: replyText(outcome.reply), cause: null, text: null }
      : { reply: null, cause: outcome.cause, text: outcome.text };
  const { kind, stage, host, address, source, origin, tls } = outcome;
  return { ...base, ...said, outcome: kind, stage, host, address, source, origin, tls: tls?.version ?? null };
}
