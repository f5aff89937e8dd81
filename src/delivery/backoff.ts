import type { Backoff, RestReason } from '../knowledge/index.ts';

/** Delay of the `failures`-th (≥ 1) hold in a row, milliseconds: doubles from first to longest. */
export function backoffMs(bounds: Backoff, failures: number): number {
  return Math.min(bounds.longestMs, bounds.firstMs * 2 ** Math.min(failures - 1, 30));
}

/** How long a way out rests, by reason. */
export type Backoffs = Readonly<Partial<Record<RestReason, Backoff>>>;

// Where `knowledge/retry.yaml` says nothing, or nobody has read it.
const byDefault: Backoff = { firstMs: 2_000, longestMs: 600_000 };

export function backoffFor(backoffs: Backoffs | undefined, because: RestReason): Backoff {
  return backoffs?.[because] ?? byDefault;
}

/** No way out rests longer than this without a rule of its own that says so; see the reader of retry.yaml. */
export const longestRestMs = 3_600_000;
