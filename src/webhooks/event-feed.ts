import type { TlsFacts } from '../events/index.ts';
import type { EventType } from './event-type.ts';
import type { Position } from './position.ts';

/** What was learnt: the other side's words, and what the knowledge base made of them. */
export type EventFacts = {
  /** MX host that was spoken to, or that the news came from. */
  readonly host: string | null;
  readonly address: string | null;
  readonly source: string | null;
  readonly replyCode: number | null;
  /** RFC 3463, `5.1.1`. */
  readonly status: string | null;
  /** Of a failure on our side or on the wire: `dns-timeout`. */
  readonly cause: string | null;
  /** At most 1,000 characters. */
  readonly said: string | null;
  readonly verdict: string | null;
  readonly detail: string | null;
  readonly hardBounce: boolean;
  readonly tls: Pick<TlsFacts, 'version' | 'verified'> | null;
  /** RFC 5965 Feedback-Type. */
  readonly feedbackType: string | null;
};

/** One thing that happened to one message. */
export type FeedEvent = {
  readonly position: Position;
  readonly type: EventType;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Row of the message table: events of one message are told apart by it. */
  readonly messageId: number;
  /** `m-….1` of an application's mail; `c-….7k` of a campaign's message. */
  readonly message: string;
  /** `m-…`; null for a campaign's. */
  readonly mail: string | null;
  /** `c-…`; null for an application's mail. */
  readonly campaign: string | null;
  /** config `domains[].name`. */
  readonly domain: string;
  readonly recipient: string;
  readonly subject: string | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** null where nobody said anything: accepted, cancelled. */
  readonly facts: EventFacts | null;
};

export type EventFilter = {
  /** Sender domains that may be seen; null: all. */
  readonly domains: readonly string[] | null;
  /** null: all. */
  readonly types: readonly EventType[] | null;
  /** `m-…`, `m-….1` or `c-….7k`: events of that alone. */
  readonly message?: string;
};

/** Events in order. `last`: read on behind it; `more`: there is something behind it now. A page may be empty and have more. */
export type EventPage = {
  readonly events: readonly FeedEvent[];
  readonly last: Position;
  readonly more: boolean;
};

/** Everything that happened to messages, in the order in which it became durable. Synchronous, like all of the store. */
export interface EventFeed {
  page(filter: EventFilter, after: Position, limit: number): EventPage;
  /** null: there is none at that place. */
  find(position: Position): FeedEvent | null;
  /** Behind the newest event. */
  head(): Position;
  /** The place from which on events are of that time or later. */
  since(timeMs: number): Position;
  /** Calls after something may have been added; must be quick and must not throw. Gives the way to end it. */
  onNews(listener: () => void): () => void;
}
