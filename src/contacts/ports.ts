/** Why nobody may send to an address. An address can carry several; it is free again when none is left. */
export type SuppressionReason =
  | 'unsubscribed' // the recipient said so: link, one-click, mailto, or to a person
  | 'complained' // the recipient pressed "junk" and the provider told us (RFC 5965)
  | 'bounced' // the mailbox does not exist, or refused for good
  | 'manual' // somebody on our side decided so
  | 'imported'; // came from another system, which gave no reason that we know

/**
 * How far a suppression reaches: `address` everything to it; `list` what one list sends to it; `domain` everything to
 * exactly that domain (not to those below it).
 */
export type SuppressionScope = 'address' | 'list' | 'domain';

/** One reason not to send to one address or domain. */
export type Suppression = {
  /** Normalised address as given: `Taro@example.jp`; what finds it is `suppressionKey(address)`. With scope `domain` the domain alone. */
  readonly address: string;
  readonly scope: SuppressionScope;
  /** Name of the list, with scope `list` only. */
  readonly list: string | null;
  readonly reason: SuppressionReason;
  /** Who or what put it there: `cli`, `http`, `import:old-list.csv`, `message:4711`. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Free text for people, at most 500 characters; the bounce's reply, a ticket's number. */
  readonly note: string;
  /** What the knowledge base made of the news that led to it; null when somebody decided. */
  readonly verdict: string | null;
  /** The news on record that led to it: `attempt:12` or `returned:3`; null when somebody decided. */
  readonly evidence: string | null;
  /** Milliseconds since the epoch from which it no longer counts; null: until somebody lifts it. */
  readonly untilMs: number | null;
};

/** A suppression as it is added; what is left out is an address for good, without evidence. */
export type NewSuppression = Pick<Suppression, 'address' | 'reason' | 'source' | 'atMs' | 'note'> &
  Partial<Pick<Suppression, 'scope' | 'list' | 'verdict' | 'evidence' | 'untilMs'>>;

/** Lifting a suppression is an act of somebody and stays on record. */
export type SuppressionRemoval = {
  readonly address: string;
  /** Which reason is lifted; null lifts all of them. */
  readonly reason: SuppressionReason | null;
  /** Why it is lifted, for people: `asked to be put back, ticket 12`. Never empty. */
  readonly because: string;
  /** Who lifts it, as in `Suppression.source`. */
  readonly source: string;
  readonly atMs: number;
};

/** Which suppressions of an address are meant; left out: all of them but that of its domain, which is of its own. */
export type SuppressionReach = { readonly scope?: SuppressionScope; readonly list?: string };

/** A suppression and how it ended; `ended` null: it is in force. */
export type SuppressionRecord = Suppression & {
  readonly ended: {
    /** `lapsed`: its time was over; `replaced`: by a stronger one; `lifted`: by somebody. */
    readonly by: 'lapsed' | 'replaced' | 'lifted';
    readonly atMs: number;
    /** Why and who, when somebody lifted it; else empty. */
    readonly because: string;
    readonly source: string;
  } | null;
};

export type SuppressionQuery = {
  /** Only this reason; null for all. */
  readonly reason: SuppressionReason | null;
  /** `next` of the page before; null for the first page. */
  readonly cursor: string | null;
  /** 1–1,000. */
  readonly limit: number;
};

export type SuppressionPage = {
  /** In the order of `suppressionKey`, scope, list, reason: stable while others add and remove. */
  readonly items: readonly Suppression[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
};

/**
 * What contacts ask of a store. Synchronous, see DeliveryStore. Addresses are compared by `suppressionKey`,
 * which the store calls itself: callers pass addresses, or domains. One row per key, scope, list and reason. What has an
 * end and is past it counts as not there, except in `history`.
 */
export interface SuppressionStore {
  /**
   * One durable transaction. An address that already carries the same reason keeps its first row (the oldest
   * proof counts) and is not counted; but one that has an end gives way to one that lasts longer.
   */
  add(batch: readonly NewSuppression[]): { readonly added: number };
  /** Removes and records the removal in one durable transaction; answers what was lifted, empty when nothing was. */
  remove(removal: SuppressionRemoval, reach?: SuppressionReach): readonly Suppression[];
  /** Whether anything keeps mail from an address: its own, its domain's, or that of the named list. */
  has(address: string, list?: string): boolean;
  /** All reasons that an address carries, also by its domain and for single lists, oldest first. */
  find(address: string): readonly Suppression[];
  /** Everything that ever was, with what became of it, oldest first; at most the newest 1,000. */
  history(address: string): readonly SuppressionRecord[];
  /** What was lifted for this address, oldest first. */
  removals(address: string): readonly SuppressionRemoval[];
  /** Pages over everything; the export reads these, so a million rows are never held at once. */
  list(query: SuppressionQuery): SuppressionPage;
  /** Rows by reason. */
  count(): { readonly [Reason in SuppressionReason]: number };
}
