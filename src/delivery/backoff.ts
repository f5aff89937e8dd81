/** Delay of the `failures`-th (≥ 1) hold in a row, milliseconds: doubles from first to longest. */
export function backoffMs(
  bounds: { readonly firstMs: number; readonly longestMs: number },
  failures: number,
): number {
  return Math.min(bounds.longestMs, bounds.firstMs * 2 ** Math.min(failures - 1, 30));
}

/** A site that cannot be reached is tried again soon, since most outages are restarts, then ever more rarely. */
export const unreachableBackoff = { firstMs: 2_000, longestMs: 600_000 };

/** Descriptors and ports come free as other sessions end, within seconds; a source address that is not here does not. */
export const localBackoff = { firstMs: 1_000, longestMs: 60_000 };
