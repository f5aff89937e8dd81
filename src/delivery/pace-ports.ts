import type { PaceChange, PaceSnapshot } from './path-pace.ts';

/** What is kept of a path's pace. */
export type StoredPace = {
  readonly site: string;
  readonly source: string | null;
  readonly pace: PaceSnapshot;
  /** Connections that the site was found to take; null: more than were ever open. */
  readonly connections: number | null;
};

/** A decision about a pace, as it is on record. `detail`: the receiver's words. */
export type PaceEvent = PaceChange & {
  readonly site: string;
  readonly source: string | null;
  readonly pauseMs: number;
  readonly detail: string;
};

/** What the paces ask of a store. Synchronous, as `DeliveryStore` is. */
export interface PaceStore {
  /** One durable transaction; of each path the last word counts. */
  record(paces: readonly StoredPace[], events: readonly PaceEvent[]): void;
  /** The newest 10,000, newest first. */
  paces(): readonly StoredPace[];
  /** Decisions about the ways to a site, newest first; `source` undefined: of all sources. */
  eventsOf(site: string, limit: number, source?: string | null): readonly PaceEvent[];
}
