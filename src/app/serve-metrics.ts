import type { Settled } from '../delivery/index.ts';
import type { Metrics } from '../metrics/index.ts';

/** Counts what the engine has written down. */
export function countSettled(metrics: Metrics, batch: readonly Settled[]): void {
  const states = new Map<string, number>();
  const outcomes = new Map<string, number>();
  for (const { settlement } of batch) {
    const { next, event } = settlement;
    if (next.state !== 'waiting') add(states, next.state);
    if (event.outcome !== null) add(outcomes, event.outcome.kind);
  }
  for (const [state, count] of states) metrics.count('todoku_messages_settled_total', { state }, count);
  for (const [outcome, count] of outcomes) metrics.count('todoku_attempts_total', { outcome }, count);
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
