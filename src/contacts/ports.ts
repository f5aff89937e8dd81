/** Why nobody may send to an address. An address can carry several; it is free again when none is left. */
export type SuppressionReason =
  | 'unsubscribed' // the recipient said so: link, one-click, mailto, or to a person
  | 'complained' // the recipient pressed "junk" and the provider told us (RFC 5965)
  | 'bounced' // the mailbox does not exist, or refused for good
  | 'manual' // somebody on our side decided so
  | 'imported'; // came from another system, which gave no reason that we know

/** One reason not to send to one address. */
export type Suppression = {
  /** Normalised address as given: `Taro@example.jp`; what finds it is `suppressionKey(address)`. */
  readonly address: string;
  readonly reason: SuppressionReason;
  /** Who or what put it there: `cli`, `http`, `import:old-list.csv`, `message:4711`. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Free text for people, at most 500 characters; the bounce's reply, a ticket's number. */
  readonly note: string;
};

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

export type SuppressionQuery = {
  /** Only this reason; null for all. */
  readonly reason: SuppressionReason | null;
  /** `next` of the page before; null for the first page. */
  readonly cursor: string | null;
  /** 1–1,000. */
  readonly limit: number;
};

export type SuppressionPage = {
  /** In the order of `suppressionKey`, then reason: stable while others add and remove. */
  readonly items: readonly Suppression[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
};

/**
 * What contacts ask of a store. Synchronous, see DeliveryStore. Addresses are compared by `suppressionKey`,
 * which the store calls itself: callers pass addresses. One row per key and reason.
 */
export interface SuppressionStore {
  /**
   * One durable transaction. An address that already carries the same reason keeps its first row (the oldest
   * proof counts) and is not counted.
   */
  add(batch: readonly Suppression[]): { readonly added: number };
  /** Removes and records the removal in one durable transaction; answers what was lifted, empty when nothing was. */
  remove(removal: SuppressionRemoval): readonly Suppression[];
  has(address: string): boolean;
  /** All reasons that an address carries, oldest first. */
  find(address: string): readonly Suppression[];
  /** What was lifted for this address, oldest first. */
  removals(address: string): readonly SuppressionRemoval[];
  /** Pages over everything; the export reads these, so a million rows are never held at once. */
  list(query: SuppressionQuery): SuppressionPage;
  /** Rows by reason. */
  count(): { readonly [Reason in SuppressionReason]: number };
}
