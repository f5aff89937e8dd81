import type { DatabaseSync } from 'node:sqlite';
import { numberOf } from './row.ts';

/** Ids between which the messages of open campaigns lie, merged where they overlap, in order. */
export function openRanges(
  db: DatabaseSync,
): () => readonly { readonly first: number; readonly last: number }[] {
  const ranges = db.prepare(
    `SELECT first_id, last_id FROM campaign WHERE state = 'open' AND first_id IS NOT NULL ORDER BY first_id`,
  );
  return () => {
    const merged: { first: number; last: number }[] = [];
    for (const row of ranges.all()) {
      const range = { first: numberOf(row, 'first_id'), last: numberOf(row, 'last_id') };
      const before = merged.at(-1);
      if (before !== undefined && range.first <= before.last + 1)
        before.last = Math.max(before.last, range.last);
      else merged.push(range);
    }
    return merged;
  };
}
