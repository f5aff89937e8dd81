import type { PathHold } from './ports.ts';
import type { Settled } from './settler.ts';

/** What the engine tells while it works; called after the fact is durable. */
export type EngineListener = {
  committed(batch: readonly Settled[]): void;
  held(hold: PathHold): void;
  /** The store cannot take more (`error`), or takes again (null). */
  trouble(error: unknown): void;
};
