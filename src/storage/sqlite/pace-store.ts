import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { PaceEvent, PaceStore, StoredPace } from '../../delivery/index.ts';
import { numberOf, textOf, wordOf } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

const mostPaces = 10_000;
const becauses = ['speeding', 'toomanyconn', 'reaction'] as const satisfies readonly PaceEvent['because'][];
// The receiver's words are for people.
const longestDetail = 300;

const numberOrNull = z.number().nullable();
const snapshot = z.object({
  learnt: z.object({
    rate: numberOrNull,
    ceiling: numberOrNull,
    confirmed: z.number(),
    windowMs: z.number(),
  }),
  quotas: z.record(z.string(), z.object({ newestSlot: z.number(), counts: z.array(z.number()) })),
  atMs: z.number(),
});

/** What was learnt of the ways out. */
export function paceStore(db: DatabaseSync, writer: Writer): PaceStore {
  const keep = db.prepare(
    `INSERT INTO path_pace (site, source, at_ms, learnt, connections) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms, learnt = excluded.learnt, connections = excluded.connections`,
  );
  const add = db.prepare(
    `INSERT INTO pace_change (at_ms, site, source, because, from_rate, to_rate, pause_ms, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const all = db.prepare('SELECT * FROM path_pace ORDER BY at_ms DESC LIMIT ?');
  const ofSite = db.prepare('SELECT * FROM pace_change WHERE site = ? ORDER BY at_ms DESC, seq DESC LIMIT ?');
  const ofPath = db.prepare(
    'SELECT * FROM pace_change WHERE site = ? AND source = ? ORDER BY at_ms DESC, seq DESC LIMIT ?',
  );
  return {
    record(paces, events) {
      writer.write(() => {
        for (const { site, source, pace, connections } of paces)
          keep.run(site, source ?? '', pace.atMs, JSON.stringify(pace), connections);
        for (const { atMs, site, source, because, from, to, pauseMs, detail } of events)
          add.run(
            atMs,
            site,
            source ?? '',
            because,
            from,
            to,
            Math.round(pauseMs),
            detail.slice(0, longestDetail),
          );
      });
    },
    paces: () => all.all(mostPaces).flatMap((row) => paceOf(row) ?? []),
    eventsOf(site, limit, source) {
      const rows = source === undefined ? ofSite.all(site, limit) : ofPath.all(site, source ?? '', limit);
      return rows.map(eventOf);
    },
  };
}

/** null for what another version wrote in another shape: it is learnt again. */
function paceOf(row: Row): StoredPace | null {
  const parsed = snapshot.safeParse(JSON.parse(textOf(row, 'learnt')));
  if (!parsed.success) return null;
  const connections = row['connections'] === null ? null : numberOf(row, 'connections');
  return { site: textOf(row, 'site'), source: sourceOf(row), pace: parsed.data, connections };
}

function eventOf(row: Row): PaceEvent {
  const rateOf = (name: string): number | null => (row[name] === null ? null : numberOf(row, name));
  return {
    atMs: numberOf(row, 'at_ms'),
    site: textOf(row, 'site'),
    source: sourceOf(row),
    because: wordOf(row, 'because', becauses),
    from: rateOf('from_rate'),
    to: rateOf('to_rate'),
    pauseMs: numberOf(row, 'pause_ms'),
    detail: textOf(row, 'detail'),
  };
}

function sourceOf(row: Row): string | null {
  const source = textOf(row, 'source');
  return source === '' ? null : source;
}
