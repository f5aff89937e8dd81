import type { DatabaseSync } from 'node:sqlite';
import type { FinalState, ReturnedEvent, ReturnedTaken } from '../../events/index.ts';
import type { PendingNews } from './pending-news.ts';
import type { ReturnedBounds } from './returned-bounds.ts';
import { insertReturned, returnedParameters } from './returned-row.ts';
import { numberOf, textOf, textOrNull } from './row.ts';
import type { Suppressor } from './suppressor.ts';
import type { Writer } from './writer.ts';

/** What `src/inbound` asks for news that came back. */
export interface ReturnedStore {
  /**
   * One durable transaction: history, state, suppression. A message that was delivered is bounced from then on; nothing
   * else changes its state, and nothing at all that is not trusted.
   */
  take(batch: readonly ReturnedEvent[]): ReturnedTaken;
}

export type ReturnedParts = {
  readonly db: DatabaseSync;
  readonly writer: Writer;
  readonly suppressor: Suppressor;
  readonly pending: PendingNews;
  readonly bounds: ReturnedBounds;
};

type Sent = { readonly id: number; readonly address: string; readonly state: string };

export function returnedStore({ db, writer, suppressor, pending, bounds }: ReturnedParts): ReturnedStore {
  const insert = db.prepare(insertReturned);
  const find = db.prepare(
    `SELECT message.id, message.address, settled.state FROM message
     JOIN campaign ON campaign.id = message.campaign_id AND campaign.state <> 'preparing'
     LEFT JOIN settled ON settled.message_id = message.id WHERE message.id = ?`,
  );
  // Read before under a configuration that knew less (a key or a domain was missing): what is proved takes its place.
  const removeUnproved = db.prepare(
    'DELETE FROM returned WHERE digest = ? AND recipient_key = ? AND kind = ? AND trusted = 0',
  );
  // A narrow row, in place: the message's own is never touched.
  const turn = db.prepare(
    `UPDATE settled SET state = 'bounced', at_ms = ? WHERE message_id = ? AND state = 'delivered'`,
  );

  const sentAs = (messageId: number | null): Sent | null => {
    const row = messageId === null ? undefined : find.get(messageId);
    if (row === undefined) return null;
    const state = textOrNull(row, 'state') ?? 'waiting';
    return { id: numberOf(row, 'id'), address: textOf(row, 'address'), state };
  };

  const takeOne = (news: ReturnedEvent): 'matched' | 'unmatched' | 'duplicate' => {
    const message = sentAs(news.messageId);
    const effect = message === null ? null : effectOf(news, message);
    // A seal proves nothing where there is no message to which it belongs.
    const stored = message === null ? { ...news, messageId: null, trusted: false } : news;
    if (!bounds.hasRoomFor(stored)) return 'duplicate';
    const parameters = returnedParameters(stored, effect);
    let inserted = insert.run(...parameters);
    if (inserted.changes === 0 && stored.trusted) {
      const [digest = '', kind = '', key = ''] = parameters;
      if (removeUnproved.run(digest, key, kind).changes > 0) inserted = insert.run(...parameters);
    }
    if (inserted.changes === 0) return 'duplicate';
    bounds.added(stored);
    if (message === null) return 'unmatched';
    if (effect === 'turned') turn.run(news.atMs, message.id);
    if (effect === 'pending') pending.noted();
    suppressor.afterNews(news, message, Number(inserted.lastInsertRowid));
    return 'matched';
  };

  const written = <T>(work: () => T): T => {
    try {
      return writer.write(work);
    } catch (error) {
      bounds.forget();
      throw error;
    }
  };

  return {
    take(batch) {
      if (batch.length === 0) return { taken: 0, duplicates: 0, unmatched: 0 };
      const ends = written(() => batch.map(takeOne));
      const duplicates = ends.filter((end) => end === 'duplicate').length;
      const unmatched = ends.filter((end) => end === 'unmatched').length;
      return { taken: batch.length - duplicates, duplicates, unmatched };
    },
  };
}

/** What news does to the state. The same news twice never comes here: the first has it on record. */
function effectOf(news: ReturnedEvent, message: Sent): 'turned' | 'pending' | null {
  if (news.kind !== 'bounced-later' || !news.trusted) return null;
  if (message.state === ('delivered' satisfies FinalState)) return 'turned';
  // The bounce can be here before our own record of the delivery, or after an attempt that ended without an answer.
  return message.state === 'waiting' ? 'pending' : null;
}
