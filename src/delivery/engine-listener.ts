import type { TlsSeen } from '../tls/index.ts';
import type { Flow } from './flow.ts';
import type { PathHold } from './ports.ts';
import type { Reaction } from './reaction.ts';
import type { Settled } from './settler.ts';

/** What the engine tells while it works; called after the fact is durable. */
export type EngineListener = {
  committed(batch: readonly Settled[]): void;
  held(hold: PathHold): void;
  /** Messages of a flow wait until its window opens, milliseconds since the epoch. */
  waitsForWindow?(flow: Flow, opensMs: number): void;
  /** A rule did something about replies. */
  reacted?(reaction: Reaction): void;
  /** Sessions by what TLS was like. */
  tlsSeen?(batch: readonly TlsSeen[]): void;
  /** The store cannot take more (`error`), or takes again (null). */
  trouble(error: unknown): void;
};
