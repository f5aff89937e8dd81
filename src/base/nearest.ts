// Nobody mistypes a longer word by a letter or two, and the cost grows with the product of both lengths.
const longestComparedCharacters = 64;

/**
 * The candidate that a mistyped word most likely meant, or null when none is near.
 * Distance: optimal string alignment, so that two swapped letters count as one slip.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Infinity;
  if (word.length > longestComparedCharacters) return null;
  for (const candidate of candidates) {
    const distance = slips(word, candidate);
    // One slip in three letters: `hostnam` finds hostname, `prot` finds port, `foo` does not find `for`.
    const tolerance = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (distance <= tolerance && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters to insert, remove, replace or swap; upper and lower case are the same letter. */
function slips(from: string, to: string): number {
  const a = from.toLowerCase();
  const b = to.slice(0, longestComparedCharacters).toLowerCase();
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      current.push(cell({ a, b, row, column }, { beforeLast, last, current }));
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

type Position = { readonly a: string; readonly b: string; readonly row: number; readonly column: number };
type Rows = {
  readonly beforeLast: readonly number[];
  readonly last: readonly number[];
  readonly current: readonly number[];
};

function cell({ a, b, row, column }: Position, rows: Rows): number {
  const same = a[row - 1] === b[column - 1];
  const replaced = (rows.last[column - 1] ?? Infinity) + (same ? 0 : 1);
  const removed = (rows.last[column] ?? Infinity) + 1;
  const inserted = (rows.current[column - 1] ?? Infinity) + 1;
  const swap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
  const swapped = swap ? (rows.beforeLast[column - 2] ?? Infinity) + 1 : Infinity;
  return Math.min(replaced, removed, inserted, swapped);
}
