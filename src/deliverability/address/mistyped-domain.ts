import type { AddressFacts } from './address-facts.ts';

// Keys that lie beside each other on QWERTY and JIS keyboards (ISO/IEC 9995-3, JIS X 6002): the slip of a finger.
const rows = ['1234567890-', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm,.'];

/** The domain that was probably meant; null: it is known, or resembles nothing. */
export function meantDomain(domain: string, facts: AddressFacts): string | null {
  if (facts.known.has(domain) || facts.real.has(domain)) return null;
  const told = facts.mistyped.get(domain);
  if (told !== undefined) return told;
  let best: { readonly domain: string; readonly cost: number } | null = null;
  for (const known of facts.known) {
    const limit = mostCost(known);
    if (Math.abs(known.length - domain.length) > limit) continue;
    const cost = slipCost(domain, known, limit);
    if (cost <= limit && (best === null || cost < best.cost)) best = { domain: known, cost };
  }
  return best?.domain ?? null;
}

/**
 * How much may be wrong. Short names have real neighbours (`au.com`, `aol.com`, `me.com`): nothing is guessed there but a slip to
 * the key beside, or two letters exchanged.
 */
function mostCost(known: string): number {
  const name = known.slice(0, known.indexOf('.'));
  if (name.length <= 3) return 0;
  return name.length <= 5 ? 1 : 1.5;
}

/**
 * Weighted distance of Damerau and Levenshtein: a letter left out, doubled or exchanged with the next one costs 1, the key beside
 * 0.75, any other letter 1. More than `limit` is given as Infinity.
 */
function slipCost(written: string, meant: string, limit: number): number {
  let before: number[] = [];
  let last = Array.from({ length: meant.length + 1 }, (_, index) => index);
  for (let i = 1; i <= written.length; i++) {
    const row = [i];
    for (let j = 1; j <= meant.length; j++)
      row.push(cheapest({ written, meant, i, j }, { before, last, row }));
    if (Math.min(...row) > limit) return Infinity;
    [before, last] = [last, row];
  }
  return last.at(-1) ?? Infinity;
}

type Place = { readonly written: string; readonly meant: string; readonly i: number; readonly j: number };
type Rows = {
  readonly before: readonly number[];
  readonly last: readonly number[];
  readonly row: readonly number[];
};

function cheapest({ written, meant, i, j }: Place, { before, last, row }: Rows): number {
  const a = written.charAt(i - 1);
  const b = meant.charAt(j - 1);
  const changed = (last[j - 1] ?? Infinity) + (a === b ? 0 : letterCost(a, b));
  const leftOut = (row[j - 1] ?? Infinity) + 1;
  const tooMany = (last[j] ?? Infinity) + 1;
  const isExchanged = i > 1 && j > 1 && a === meant.charAt(j - 2) && written.charAt(i - 2) === b && a !== b;
  const exchanged = isExchanged ? (before[j - 2] ?? Infinity) + 1 : Infinity;
  return Math.min(changed, leftOut, tooMany, exchanged);
}

function letterCost(a: string, b: string): number {
  return rows.some(
    (row) => row.includes(a) && row.includes(b) && Math.abs(row.indexOf(a) - row.indexOf(b)) === 1,
  )
    ? 0.75
    : 1;
}
