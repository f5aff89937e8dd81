/** A policy as it was fetched, so that it counts for as long as it says (RFC 8461 §3.3), over restarts too. */
export type StoredSts = {
  readonly id: string;
  /** The file. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly fetchedMs: number;
  readonly untilMs: number;
};

/** Where MTA-STS policies are kept. Synchronous, as the delivery store is. */
export interface StsStore {
  load(domain: string): StoredSts | null;
  save(domain: string, policy: StoredSts): void;
}
