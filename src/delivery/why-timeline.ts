import type { MessageEvent, Outcome, ReturnedEvent, ReturnedKind, ReturnedMatch } from '../events/index.ts';
import { replyText } from '../protocol/smtp/index.ts';
import type { MessageFacts, SuppressionFacts } from './why-ports.ts';

/** One line of a message's history. Times are ISO 8601. */
export type TimelineEntry = {
  readonly at: string;
  readonly event:
    | 'accepted'
    | MessageEvent['kind']
    | ReturnedKind
    /** The address was put on the list of those never to send to, and taken off it. */
    | 'address-suppressed'
    | 'suppression-ended';
  readonly outcome: Outcome['kind'] | null;
  readonly stage: string | null;
  readonly host: string | null;
  readonly address: string | null;
  readonly source: string | null;
  readonly origin: Outcome['origin'] | null;
  /** The receiver's own words, or those of the mail that came back. */
  readonly reply: string | null;
  /** What happened on our side, when the receiver said nothing. */
  readonly cause: string | null;
  readonly text: string | null;
  readonly tls: string | null;
  readonly verdict: string | null;
  readonly detail: string | null;
  readonly rule: string | null;
  readonly confidence: number | null;
  /** Of a mail that came back: whether our own seal proves what it speaks of; null for all else. */
  readonly trusted: boolean | null;
  readonly matchedBy: ReturnedMatch | null;
  /** Whom the mail that came back speaks of; after a forward another than the message's. */
  readonly recipient: string | null;
  /** End of a suppression; null: until somebody lifts it. */
  readonly until: string | null;
};

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
  trusted: null,
  matchedBy: null,
  recipient: null,
  until: null,
} satisfies Partial<TimelineEntry>;

export type History = {
  readonly events: readonly MessageEvent[];
  readonly returned: readonly ReturnedEvent[];
  /** Of the address, ever. */
  readonly suppressions: readonly SuppressionFacts[];
};

type Timed = { readonly atMs: number; readonly entry: TimelineEntry };

/** Everything that happened to a message and, as far as it has to do with it, to its address; oldest first. */
export function timelineOf(
  message: MessageFacts,
  { events, returned, suppressions }: History,
): TimelineEntry[] {
  const own = suppressions.filter((each) => concerns(each, message));
  return inOrder([
    { atMs: message.acceptedMs, entry: { ...nothing, at: iso(message.acceptedMs), event: 'accepted' } },
    // What is suppressed is so while its campaign is stored, a moment before that opens.
    ...events.map((event) => ({ atMs: Math.max(event.atMs, message.acceptedMs), entry: ofEvent(event) })),
    ...returned.map((news) => ({ atMs: news.atMs, entry: ofNews(news) })),
    ...own.flatMap(ofSuppression),
  ]);
}

/** What became of an address that no mail was ever accepted for. */
export function suppressionTimeline(suppressions: readonly SuppressionFacts[]): TimelineEntry[] {
  return inOrder(suppressions.flatMap(ofSuppression));
}

/** By time; what has the same keeps the order in which it was written. */
function inOrder(timed: readonly Timed[]): TimelineEntry[] {
  return timed.toSorted((a, b) => a.atMs - b.atMs).map(({ entry }) => entry);
}

/** What kept the message from being sent; or what it brought about and is over: what is in force stands by itself. */
function concerns(each: SuppressionFacts, message: MessageFacts): boolean {
  if (each.source === `message:${message.id}`) return each.ended !== null;
  if (message.state !== 'suppressed' || each.atMs > message.acceptedMs) return false;
  const endedMs = each.ended?.atMs ?? Number.POSITIVE_INFINITY;
  const isItsList = each.scope !== 'list' || each.list === message.list;
  return isItsList && endedMs > message.acceptedMs;
}

function ofEvent(event: MessageEvent): TimelineEntry {
  const { verdict, detail, rule, confidence } = event.reading;
  const base = { ...nothing, verdict, detail, rule, confidence, at: iso(event.atMs), event: event.kind };
  const { outcome } = event;
  if (outcome === null) return base;
  const said =
    outcome.origin === 'remote'
      ? { reply: replyText(outcome.reply), cause: null, text: null }
      : { reply: null, cause: outcome.cause, text: outcome.text };
  const { kind, stage, host, address, source, origin, tls } = outcome;
  return { ...base, ...said, outcome: kind, stage, host, address, source, origin, tls: tls?.version ?? null };
}

function ofNews(news: ReturnedEvent): TimelineEntry {
  const { verdict, detail, rule, confidence } = news.reading;
  return {
    ...nothing,
    at: iso(news.atMs),
    event: news.kind,
    host: news.remoteHost,
    reply: news.said === '' ? null : news.said,
    verdict,
    detail: detail ?? news.feedbackType,
    rule,
    confidence,
    trusted: news.trusted,
    matchedBy: news.matchedBy,
    recipient: news.recipient,
  };
}

function ofSuppression(each: SuppressionFacts): readonly Timed[] {
  const { atMs, reason, verdict, note, source, untilMs, ended } = each;
  const added: TimelineEntry = {
    ...nothing,
    at: iso(atMs),
    event: 'address-suppressed',
    source,
    text: note === '' ? null : note,
    verdict,
    detail: reason,
    until: untilMs === null ? null : iso(untilMs),
  };
  if (ended === null) return [{ atMs, entry: added }];
  const end: TimelineEntry = {
    ...nothing,
    at: iso(ended.atMs),
    event: 'suppression-ended',
    source: ended.source === '' ? null : ended.source,
    text: ended.because === '' ? null : ended.because,
    detail: ended.by,
  };
  return [
    { atMs, entry: added },
    { atMs: ended.atMs, entry: end },
  ];
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
