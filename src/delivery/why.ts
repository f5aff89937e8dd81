import type { Bilingual } from '../base/index.ts';
import type { MessageEvent, MessageState, Outcome, ReturnedEvent } from '../events/index.ts';
import type { SendingHours } from './sending-hours.ts';
import { iso, suppressionTimeline, timelineOf } from './why-timeline.ts';
import type { TimelineEntry } from './why-timeline.ts';
import { because, waitOf } from './why-waiting.ts';
import type { MessageFacts, SuppressionFacts, WhyStore } from './why-ports.ts';

/** How sure we are: the receiver's own word or our own log; a reading of it; or nobody outside can know. */
export type Certainty = 'proved' | 'likely' | 'unknowable';

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
  /** What came back later and decides the answer in place of the outcome: a bounce, a complaint. */
  readonly news: ReturnedEvent | null;
  /** Somebody's mailbox has answered: nothing was dropped on the way. */
  readonly reached: boolean;
  readonly verdict: string | null;
  readonly detail: string | null;
  readonly domain: string;
  readonly state: MessageState;
}) => Explained;

/** How the files of a mail got to its recipient: along with it, as links, or over several mails, and by whose limit. */
export type WhyAttachments = {
  readonly way: 'whole' | 'links' | 'split';
  readonly text: Bilingual;
  readonly limitOctets: number;
  readonly rule: string;
  /** End of the links. */
  readonly until: string | null;
  readonly files: readonly {
    readonly filename: string;
    readonly octets: number;
    /** In which mail of how many; null: as a link. */
    readonly part: { readonly mail: string; readonly number: number; readonly of: number } | null;
  }[];
};

/** The answer of `todoku why` (design.md §6). Times are ISO 8601. */
export type Why = {
  /** Message-ID; null, as the campaign: no mail to this address is on record, but a reason not to send any. */
  readonly message: string | null;
  readonly to: string;
  readonly campaign: string | null;
  /** Of a mail that an application handed over: `m-….1`. */
  readonly mail?: string;
  /** Of a mail with files. */
  readonly attachments?: WhyAttachments;
  readonly state: MessageState;
  /** Bounced, but only after the receiver had accepted it. */
  readonly later: boolean;
  readonly because: string | null;
  readonly becauseText: Bilingual | null;
  readonly until: string | null;
  readonly timeline: readonly TimelineEntry[];
  readonly verdict: string | null;
  readonly certainty: Certainty;
  readonly party: string;
  readonly advice: { readonly ja: AdviceText; readonly en: AdviceText };
  /** Page to send to the recipient, who can say there whether it came; null: there is none. */
  readonly link: string | null;
  /** Reasons not to send to the address that are in force now. */
  readonly suppressions: readonly {
    readonly since: string;
    /** null: until somebody lifts it. */
    readonly until: string | null;
    readonly scope: SuppressionFacts['scope'];
    readonly list: string | null;
    readonly reason: string;
    readonly verdict: string | null;
    readonly evidence: string | null;
    readonly source: string;
    readonly note: string;
  }[];
};

export type WhyOptions = {
  readonly store: WhyStore;
  /** Everything that ever kept mail from an address, oldest first. */
  readonly suppressionsOf: (address: string) => readonly SuppressionFacts[];
  readonly explain: Explain;
  readonly nowMs: number;
  /** When mail may be sent. */
  readonly hours: SendingHours;
  /** true while a process delivers from this data folder. */
  readonly working: boolean;
  readonly messageIdOf: (message: MessageFacts) => string;
  /** Link of the recipient's page; absent: no page is served. */
  readonly linkOf?: (message: MessageFacts) => string;
};

/** Why one message is where it is. */
export function why(message: MessageFacts, options: WhyOptions): Why {
  const history = {
    events: options.store.eventsOf(message.id),
    returned: options.store.returnedOf(message.id),
    suppressions: options.suppressionsOf(message.address),
  };
  const last = history.events[history.events.length - 1] ?? null;
  const wait = message.state === 'waiting' ? waitOf(message, options) : null;
  const outcome = last?.outcome ?? null;
  const news = decidingNews(message.state, outcome, history.returned);
  const reading = news?.reading ?? last?.reading ?? null;
  const explained = options.explain({
    outcome,
    news,
    reached: hasReached(history.returned),
    verdict: reading?.verdict ?? null,
    detail: reading?.detail ?? null,
    domain: message.domain,
    state: message.state,
  });
  // Waiting is nobody's turn only while something delivers.
  const stands = wait?.because === 'not-running';
  return {
    message: options.messageIdOf(message),
    to: message.address,
    campaign: message.campaign,
    ...(message.mail === undefined ? {} : { mail: message.mail.id }),
    state: message.state,
    later: news?.kind === 'bounced-later',
    because: wait?.because ?? null,
    becauseText: wait === null ? null : because(wait),
    until: wait === null ? null : iso(wait.untilMs),
    timeline: timelineOf(message, history),
    verdict: reading?.verdict ?? null,
    certainty: certaintyOf(message.state, { outcome, explained, returned: history.returned }),
    party: stands ? 'operator' : explained.party,
    advice: explained.advice,
    link: options.linkOf?.(message) ?? null,
    suppressions: inForce(history.suppressions),
  };
}

/** Why an address that no mail on record went to would get none; null when nothing keeps it from that. */
export function whyUnmailed(
  address: string,
  { suppressionsOf, explain }: Pick<WhyOptions, 'suppressionsOf' | 'explain'>,
): Why | null {
  const suppressions = suppressionsOf(address);
  const oldest = suppressions.find(({ ended }) => ended === null);
  if (oldest === undefined) return null;
  const { party, advice } = explain({
    outcome: null,
    news: null,
    reached: false,
    verdict: null,
    detail: oldest.reason,
    domain: address.slice(address.lastIndexOf('@') + 1),
    state: 'suppressed',
  });
  return {
    message: null,
    to: address,
    campaign: null,
    state: 'suppressed',
    later: false,
    because: null,
    becauseText: null,
    until: oldest.untilMs === null ? null : iso(oldest.untilMs),
    timeline: suppressionTimeline(suppressions),
    verdict: oldest.verdict,
    certainty: 'proved',
    party,
    advice,
    link: null,
    suppressions: inForce(suppressions),
  };
}

function inForce(suppressions: readonly SuppressionFacts[]): Why['suppressions'] {
  return suppressions
    .filter(({ ended }) => ended === null)
    .map(({ atMs, untilMs, scope, list, reason, verdict, evidence, source, note }) => ({
      since: iso(atMs),
      until: untilMs === null ? null : iso(untilMs),
      scope,
      list,
      reason,
      verdict,
      evidence,
      source,
      note,
    }));
}

/** What came back and says more than the receiver's answer; only what our seal proves. */
function decidingNews(
  state: MessageState,
  outcome: Outcome | null,
  returned: readonly ReturnedEvent[],
): ReturnedEvent | null {
  const proved = returned.filter(({ trusted }) => trusted).toReversed();
  const newest = (kind: ReturnedEvent['kind']): ReturnedEvent | null =>
    proved.find((news) => news.kind === kind) ?? null;
  if (state === 'bounced' && outcome?.kind === 'delivered') return newest('bounced-later');
  return state === 'delivered' ? newest('complained') : null;
}

/** A vacation notice or a complaint comes out of a mailbox; or the recipient says that he has it. */
const reaching: ReadonlySet<ReturnedEvent['kind']> = new Set(['auto-replied', 'complained', 'found']);

function hasReached(returned: readonly ReturnedEvent[]): boolean {
  return returned.some(({ kind, trusted }) => trusted && reaching.has(kind));
}

/** A host behind the one that took it still tries, or the recipient says that it has not come: it may have, or not. */
function isOpen(returned: readonly ReturnedEvent[]): boolean {
  // What became of a test mail says nothing of this one.
  const last = returned.findLast(({ trusted, kind }) => trusted && !kind.startsWith('test-'));
  return last?.kind === 'delay-notice' || last?.kind === 'missed';
}

// A reading at or above this is a rule with the provider's own words; below, a status code or a general text.
const provedConfidence = 0.8;

type Known = {
  readonly outcome: MessageEvent['outcome'];
  readonly explained: Explained;
  readonly returned: readonly ReturnedEvent[];
};

function certaintyOf(state: MessageState, { outcome, explained, returned }: Known): Certainty {
  if (outcome === null) return 'proved';
  if (outcome.kind === 'unknown') return 'unknowable';
  if (state === 'delivered') {
    if (hasReached(returned)) return 'proved';
    return explained.dropsSilently || isOpen(returned) ? 'unknowable' : 'proved';
  }
  return (explained.confidence ?? 1) >= provedConfidence ? 'proved' : 'likely';
}
