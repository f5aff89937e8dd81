import type { Hold } from './egress-path.ts';
import type { PathHold } from './ports.ts';
import type { Settled } from './settler.ts';
import type { Site } from './site.ts';

/** Messages of one domain for one site. */
export type Assignment = {
  readonly site: Site;
  readonly domain: string;
  /** The carrier's share of the sessions that one source may have at the site. */
  readonly mostSessions: number;
  readonly ids: readonly number[];
};

/** A path's hold, for the other carriers that serve the same path. */
export type SharedHold = { readonly pathKey: string; readonly hold: Hold };

/**
 * What the dispatcher asks of a carrier. Every call is one way and made of plain values, so that a carrier may live in
 * the same thread or behind a message port.
 */
export interface CarrierPort {
  assign(batch: readonly Assignment[]): void;
  /** Another carrier's path was held: hold the own part of it as well. */
  share(hold: SharedHold): void;
  /** So many of the reported settlements are durable. */
  acknowledge(count: number): void;
  /** The store takes nothing for now: start nothing new. */
  pause(): void;
  resume(): void;
  /** Starts nothing new, waits up to `graceMs` for what is under way, reports it, closes everything, says `stopped`. */
  stop(graceMs: number): void;
}

/** What a carrier tells the dispatcher. */
export type CarrierEvents = {
  settled(batch: readonly Settled[]): void;
  /** So many assigned ids are no longer unsettled in the store. */
  missing(count: number): void;
  held(hold: PathHold, shared: SharedHold): void;
  released(hold: PathHold): void;
  stopped(): void;
  /** A bug, or the end of its thread: what it had is in the store. */
  failed(error: unknown): void;
};

/** Makes a carrier that reports to the given listener. */
export type ConnectCarrier = (events: CarrierEvents) => CarrierPort;
