import type { DatabaseSync } from 'node:sqlite';
import type { ListingStore } from '../../deliverability/index.ts';
import type { ListingEvent } from '../../events/index.ts';
import { numberOf, numberOrNull, textOf, wordOf } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

const changes = ['listed', 'delisted'] as const satisfies readonly ListingEvent['change'][];

/** What block lists said of our sources and domains. */
export function listingStore(db: DatabaseSync, writer: Writer): ListingStore {
  const all = db.prepare('SELECT * FROM listing ORDER BY subject, list');
  const keep = db.prepare(
    `INSERT INTO listing (subject, list, listed, answer, since_ms, asked_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET listed = excluded.listed, answer = excluded.answer, since_ms = excluded.since_ms,
       asked_ms = excluded.asked_ms`,
  );
  const add = db.prepare(
    'INSERT INTO listing_event (at_ms, subject, list, change, answer, since_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const newest = db.prepare('SELECT * FROM listing_event ORDER BY seq DESC LIMIT ?');
  const ofSubject = db.prepare('SELECT * FROM listing_event WHERE subject = ? ORDER BY seq DESC LIMIT ?');
  return {
    listings: () =>
      all.all().map((row) => ({
        subject: textOf(row, 'subject'),
        list: textOf(row, 'list'),
        listed: numberOf(row, 'listed') === 1,
        answer: textOf(row, 'answer'),
        sinceMs: numberOf(row, 'since_ms'),
        askedMs: numberOf(row, 'asked_ms'),
      })),
    record(listings, events) {
      writer.write(() => {
        for (const { subject, list, listed, answer, sinceMs, askedMs } of listings)
          keep.run(subject, list, listed ? 1 : 0, answer, sinceMs, askedMs);
        for (const { atMs, subject, list, change, answer, sinceMs } of events)
          add.run(atMs, subject, list, change, answer, sinceMs);
      });
    },
    events: (subject, limit) =>
      (subject === null ? newest.all(limit) : ofSubject.all(subject, limit)).map(eventOf),
  };
}

function eventOf(row: Row): ListingEvent {
  return {
    atMs: numberOf(row, 'at_ms'),
    subject: textOf(row, 'subject'),
    list: textOf(row, 'list'),
    change: wordOf(row, 'change', changes),
    answer: textOf(row, 'answer'),
    sinceMs: numberOrNull(row, 'since_ms'),
  };
}
