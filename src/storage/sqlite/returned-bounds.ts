import type { DatabaseSync } from 'node:sqlite';
import type { ReturnedEvent } from '../../events/index.ts';
import { numberOf, onlyRow } from './row.ts';

// Whoever got one mail can write to its return path, and whoever knows a Message-ID can name it, as often as they like. A
// host on the way tells of a delay every few hours for five days: 20 of a kind is more than anybody reads.
const mostOfAKind = 20;
// Of what nothing proves, less: it stands in the history that a support desk reads.
const mostUnprovedOfAKind = 3;
// Anybody can write to the role addresses: 1 to 2.5 KB each, so 250 MB at most.
const mostUnproved = 100_000;
const removedAtOnce = 1_000;

/** What strangers can make the store keep, bounded. All inside `write`. */
export type ReturnedBounds = {
  /** false: as much of this kind is on record about this message as anybody reads. */
  hasRoomFor(news: ReturnedEvent): boolean;
  /** A row was added: of what nothing proves, the oldest goes when there is too much. */
  added(news: ReturnedEvent): void;
  /** The transaction failed: what is there has to be counted again. */
  forget(): void;
};

export function returnedBounds(db: DatabaseSync, unprovedAtMost = mostUnproved): ReturnedBounds {
  const ofAKind = db.prepare(
    'SELECT count(*) AS found FROM returned WHERE message_id = ? AND kind = ? AND trusted = ?',
  );
  const unproved = db.prepare('SELECT count(*) AS found FROM returned WHERE trusted = 0');
  const removeOldest = db.prepare(
    'DELETE FROM returned WHERE seq IN (SELECT seq FROM returned WHERE trusted = 0 ORDER BY seq LIMIT ?)',
  );
  let count: number | null = null;
  return {
    hasRoomFor({ messageId, kind, trusted }) {
      if (messageId === null) return true;
      const found = numberOf(onlyRow(ofAKind.get(messageId, kind, Number(trusted))), 'found');
      return found < (trusted ? mostOfAKind : mostUnprovedOfAKind);
    },
    added({ trusted }) {
      if (trusted) return;
      // Counted after the row was added.
      count = count === null ? numberOf(onlyRow(unproved.get()), 'found') : count + 1;
      if (count <= unprovedAtMost) return;
      const tooMany = count - unprovedAtMost;
      // Several at once, so that a flood does not remove one for each that it adds.
      const removed = removeOldest.run(tooMany + Math.min(removedAtOnce, Math.floor(unprovedAtMost / 10)));
      count -= Number(removed.changes);
    },
    forget() {
      count = null;
    },
  };
}
