import type { DatabaseSync } from 'node:sqlite';
import type { SourceDay } from '../../delivery/index.ts';
import { numberOf, textOf } from './row.ts';

/** What sources have shown to providers, by day. */
export function sourceDays(db: DatabaseSync): { since(day: number): readonly SourceDay[] } {
  const since = db.prepare('SELECT * FROM source_day WHERE day >= ? ORDER BY day, source, provider');
  return {
    since: (day) =>
      since.all(day).map((row) => ({
        day: numberOf(row, 'day'),
        source: textOf(row, 'source'),
        provider: textOf(row, 'provider'),
        messages: numberOf(row, 'messages'),
        bad: numberOf(row, 'bad'),
      })),
  };
}
