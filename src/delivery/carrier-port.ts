import type { Hold } from './egress-path.ts';
import type { TlsSeen } from '../tls/index.ts';
import type { Flow } from './flow.ts';
import type { PaceReport } from './path-shaper.ts';
import type { PathHold } from './ports.ts';
import type { Suspension, SuspensionTarget, WayFailure } from './reaction.ts';
import type { Settled } from './settler.ts';
import type { Site } from './site.ts';

/** Messages of one flow and one domain for one site. */
export type Assignment = {
  readonly site: Site;
  readonly domain: string;
  readonly flow: Flow;
  /** Which of the sources sends them, where that was chosen; left out: as the id says. */
  readonly source?: number;
  /** The carrier's share of the sessions that one source may have at the site. */
  readonly mostSessions: number;
  readonly ids: readonly number[];
};

/** Ids whose turn did not come. */
export type Returned = { readonly site: string; readonly flow: Flow; readonly ids: readonly number[] };

/** A path's hold, for the other carriers that serve the same path. */
export type SharedHold = { readonly pathKey: string; readonly hold: Hold };

/**
 * What the dispatcher asks of a carrier. Every call is one way and made of plain values, so that a carrier may live in
 * the same thread or behind a message port.
 */
export interface CarrierPort {
  assign(batch: readonly Assignment[]): void;
  /** Another carrier keeps the site from now on: what waits for it here is `closed`, its sessions end. */
  retire(site: string): void;
  /** Another carrier's path was held: hold the own part of it as well. */
  share(hold: SharedHold): void;
  /** Stops that were made, or were in force before the run. */
  suspend(stops: readonly Suspension[]): void;
  /** Stops that somebody lifted before their time. */
  lift(targets: readonly SuspensionTarget[]): void;
  /** A path goes on at `factor` (0–1) of its pace. */
  slowDown(target: SuspensionTarget, factor: number): void;
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
  /** The window of a flow has closed, something stops its messages, or another carrier has the site: these ids are the dispatcher's again. */
  closed(returned: Returned): void;
  held(hold: PathHold, shared: SharedHold): void;
  released(hold: PathHold): void;
  /** What was learnt of a path's pace, to be kept. */
  paced(report: PaceReport): void;
  /** A site spoke of speed or connections. */
  limited(site: string): void;
  /** A way out failed before a message had its turn. */
  wayFailed(failure: WayFailure): void;
  /** Sessions by what TLS was like, for reports to others; left out: not counted. */
  tlsSeen?(batch: readonly TlsSeen[]): void;
  stopped(): void;
  /** A bug, or the end of its thread: what it had is in the store. */
  failed(error: unknown): void;
};

/** Makes a carrier that reports to the given listener. */
export type ConnectCarrier = (events: CarrierEvents) => CarrierPort;
