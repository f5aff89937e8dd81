import type { DatabaseSync } from 'node:sqlite';
import type { EventFeed, EventFilter, EventPage, FeedEvent, Position } from '../../webhooks/index.ts';
import { feedEvents } from './feed-events.ts';
import type { FeedRow, Opening } from './feed-events.ts';
import { numberOf, numberOrNull, onlyRow, textOf } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

// What one call looks at, so that a filter which fits nothing holds nobody up: 20 ms at most.
const mostRowsRead = 2_000;
const openedAtOnce = 200;

type Scanned = { readonly position: Position; readonly event: FeedEvent | null };

/** What a filter leaves of rows before they are read in full. */
type Want = {
  readonly isWanted: (event: FeedEvent) => boolean;
  /** false: nothing of a campaign's opening is wanted. */
  readonly opening: (opening: Opening) => boolean;
};

export function eventFeed(db: DatabaseSync, writer: Writer): EventFeed {
  const rows = db.prepare('SELECT seq, what, ref, last, aside FROM feed WHERE seq >= ? ORDER BY seq LIMIT ?');
  const newest = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM feed');
  const events = feedEvents(db);
  const headSeq = (): number => numberOf(onlyRow(newest.get()), 'seq');

  function* opened(opening: Opening, from: number): Generator<FeedEvent> {
    for (let within = from; ;) {
      const some = events.within(opening, within, openedAtOnce);
      yield* some;
      const last = some.at(-1)?.position.within ?? null;
      if (last === null) return;
      within = last;
    }
  }

  /** The events of one row, and the place behind it. */
  function* rowEvents(row: FeedRow, after: Position, want: Want): Generator<Scanned> {
    const whole: Position = { seq: row.seq, within: null };
    if (row.what !== 'o') {
      yield { position: whole, event: events.single(row) };
      return;
    }
    const opening = events.opening(row);
    if (opening !== null && want.opening(opening)) {
      const within = row.seq === after.seq ? (after.within ?? -1) : -1;
      for (const event of opened(opening, within)) yield { position: event.position, event };
    }
    yield { position: whole, event: null };
  }

  /** Places in order, read as they are asked for. */
  function* scan(after: Position, want: Want): Generator<Scanned> {
    const from = after.within === null ? after.seq + 1 : after.seq;
    let budget = mostRowsRead;
    for (const row of rows.all(from, mostRowsRead).map(feedRowOf)) {
      for (const scanned of rowEvents(row, after, want)) {
        yield scanned;
        budget -= 1;
        if (budget <= 0) return;
      }
    }
  }

  const page = (filter: EventFilter, after: Position, limit: number): EventPage => {
    const found: FeedEvent[] = [];
    let last = after;
    const want = wantOf(filter);
    for (const { position, event } of scan(after, want)) {
      last = position;
      if (event !== null && want.isWanted(event)) found.push(event);
      if (found.length >= limit) break;
    }
    // With `within`, its row may have more: one call too many says so.
    return { events: found, last, more: last.within !== null || last.seq < headSeq() };
  };

  const rowAt = (seq: number): FeedRow | null => {
    const [row] = rows.all(seq, 1);
    return row === undefined ? null : feedRowOf(row);
  };

  return {
    page,
    find(position) {
      const row = rowAt(position.seq);
      if (row === null || row.seq !== position.seq) return null;
      if (position.within === null) return row.what === 'o' ? null : events.single(row);
      const opening = row.what === 'o' ? events.opening(row) : null;
      const [event] = opening === null ? [] : events.within(opening, position.within - 1, 1);
      return event?.position.within === position.within ? event : null;
    },
    head: () => ({ seq: headSeq(), within: null }),
    since(timeMs) {
      // Times grow with the order but for moments: by halves.
      let [low, high] = [1, headSeq() + 1];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const row = rowAt(middle);
        const atMs = row === null ? null : events.timeOf(row);
        if (atMs !== null && atMs < timeMs) low = middle + 1;
        else high = middle;
      }
      return { seq: low - 1, within: null };
    },
    onNews: (listener) => writer.onWritten(listener),
  };
}

function wantOf({ domains, types }: EventFilter): Want {
  const ofDomain = domains === null ? null : new Set(domains);
  const ofType = types === null ? null : new Set<string>(types);
  const hasDomain = (domain: string): boolean => ofDomain === null || ofDomain.has(domain);
  const tellsOpening = ofType === null || ofType.has('message.accepted') || ofType.has('message.suppressed');
  return {
    isWanted: (event) => hasDomain(event.domain) && (ofType === null || ofType.has(event.type)),
    opening: ({ domain }) => tellsOpening && hasDomain(domain),
  };
}

function feedRowOf(row: Row): FeedRow {
  return {
    seq: numberOf(row, 'seq'),
    what: textOf(row, 'what'),
    ref: numberOf(row, 'ref'),
    last: numberOrNull(row, 'last'),
    aside: numberOrNull(row, 'aside'),
  };
}
