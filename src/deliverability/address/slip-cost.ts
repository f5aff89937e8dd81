// Where keys lie on QWERTY and JIS keyboards (ISO/IEC 9995-3, JIS X 6002): row by row, each a little further to the right.
const rows = ['1234567890-', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
const shiftOfRow = [0, 0.5, 0.75, 1.25];
const keys = new Map<string, readonly [column: number, row: number]>(
  rows.flatMap((letters, row) =>
    Array.from(letters, (letter, column) => [letter, [column + (shiftOfRow[row] ?? 0), row]] as const),
  ),
);

// Taken for one another: mirrored or drawn alike, and what sounds the same in Japanese (`bigrobe`, `dokomo`, `biglove`).
const alike = new Set(['bd', 'pq', 'ij', 'il', 'lr', 'bv', 'ck', 'sz', 'gj', 'xz']);

// The finger on the key beside, a letter too many or too few or exchanged with the next, and a wrong letter, which is rarest.
const besideCost = 0.75;
const oneCost = 1;
const otherCost = 1.25;

/**
 * How far one name is from another, after Damerau and Levenshtein, each slip weighed by how easily it happens. More than `limit` is
 * given as Infinity.
 */
export function slipCost(written: string, meant: string, limit: number): number {
  if (Math.abs(written.length - meant.length) > limit) return Infinity;
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: meant.length + 1 }, (_, index) => index);
  for (let i = 1; i <= written.length; i++) {
    const row = [i];
    for (let j = 1; j <= meant.length; j++)
      row.push(cheapest({ written, meant, i, j }, { before, last, row }));
    if (Math.min(...row) > limit) return Infinity;
    [before, last] = [last, row];
  }
  const cost = last[meant.length] ?? Infinity;
  return cost <= limit ? cost : Infinity;
}

type Place = { readonly written: string; readonly meant: string; readonly i: number; readonly j: number };
type Costs = {
  readonly before: readonly number[];
  readonly last: readonly number[];
  readonly row: readonly number[];
};

function cheapest({ written, meant, i, j }: Place, { before, last, row }: Costs): number {
  const a = written.charAt(i - 1);
  const b = meant.charAt(j - 1);
  const previous = written.charAt(i - 2);
  const changed = (last[j - 1] ?? Infinity) + (a === b ? 0 : changeCost(a, b, previous));
  const leftOut = (row[j - 1] ?? Infinity) + oneCost;
  const tooMany = (last[j] ?? Infinity) + oneCost;
  const isExchanged = i > 1 && j > 1 && a === meant.charAt(j - 2) && previous === b && a !== b;
  const exchanged = isExchanged ? (before[j - 2] ?? Infinity) + oneCost : Infinity;
  return Math.min(changed, leftOut, tooMany, exchanged);
}

function changeCost(a: string, b: string, previous: string): number {
  if (isBeside(a, b)) return besideCost;
  // The wrong letter doubled: `yahho`.
  return a === previous || alike.has(a + b) || alike.has(b + a) ? oneCost : otherCost;
}

function isBeside(a: string, b: string): boolean {
  const [one, other] = [keys.get(a), keys.get(b)];
  if (one === undefined || other === undefined) return false;
  // Neighbours in a row are 1 apart, those across rows 0.5 and 0.5 to 0.75 to the side.
  return Math.abs(one[0] - other[0]) <= 1 && Math.abs(one[1] - other[1]) <= 1;
}
