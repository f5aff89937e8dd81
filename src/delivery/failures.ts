import type { MessageState } from '../events/index.ts';

/**
 * What did not go as it should: refused by an attempt, put off, given up at the end of the lifetime, taken and then
 * returned, put off further on the way, or called junk.
 */
export const failureKinds = [
  'bounced',
  'deferred',
  'expired',
  'bounced-later',
  'delay-notice',
  'complained',
] as const;
export type FailureKind = (typeof failureKinds)[number];

/** One line of the error history. */
export type Failure = {
  /** `attempt:12` or `returned:3`: what a suppression names as its evidence. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly kind: FailureKind;
  /** null: news that matched no message; so are campaign and state. */
  readonly messageId: number | null;
  readonly campaign: string | null;
  /** Signing domain of the campaign. */
  readonly senderDomain: string | null;
  /** What became of the message since. */
  readonly state: MessageState | null;
  /** null where a returned mail does not say. */
  readonly address: string | null;
  readonly domain: string | null;
  /** Id in the knowledge base. */
  readonly provider: string | null;
  readonly verdict: string;
  readonly detail: string | null;
  readonly rule: string | null;
  readonly confidence: number;
  readonly hardBounce: boolean;
  readonly replyCode: number | null;
  readonly status: string | null;
  /** The receiver's own words, or ours where `cause` is not null. */
  readonly said: string;
  /** Local cause; null when the receiver said it. */
  readonly cause: string | null;
  readonly stage: string | null;
  readonly host: string | null;
  /** false: a returned mail that our seal does not prove. */
  readonly trusted: boolean;
};

/** All that is given must hold; null and an empty list hold always. */
export type FailureFilter = {
  readonly address: string | null;
  readonly domain: string | null;
  readonly provider: string | null;
  readonly verdict: string | null;
  readonly campaignId: number | null;
  /** Milliseconds since the epoch, the first inclusive, the last exclusive. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly kinds: readonly FailureKind[];
  /** Also returned mails that our seal does not prove: anybody can write those. */
  readonly unproved: boolean;
};

export type FailurePage = {
  /** Newest first. */
  readonly items: readonly Failure[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
};

/** Numbers of one thing, largest first. */
export type FailureTally = readonly { readonly name: string; readonly count: number }[];

export type FailureCounts = {
  readonly total: number;
  readonly byKind: FailureTally;
  readonly byVerdict: FailureTally;
  readonly byDomain: FailureTally;
  /** Only what has a provider in the knowledge base. */
  readonly byProvider: FailureTally;
  /** In order; `day` is a date of this machine's time zone. Days without any are left out. */
  readonly byDay: readonly ({ readonly day: string; readonly count: number } & {
    readonly [Kind in FailureKind]: number;
  })[];
};

/** Whose mailbox it is, by the host that answered and the domain. */
export type ProviderOf = (place: {
  readonly mxHost: string | null;
  readonly domain: string | null;
}) => string | null;

/** The error history; read-only, also while another process works on the same data folder. */
export interface FailureStore {
  /** `limit` 1–1,000; `cursor` of the page before, null for the first. */
  page(
    filter: FailureFilter,
    at: { readonly cursor: string | null; readonly limit: number; readonly providerOf: ProviderOf },
  ): FailurePage;
  counts(filter: FailureFilter, providerOf: ProviderOf): FailureCounts;
}
