import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { FinalState, MessageEvent } from '../../events/index.ts';
import { transaction } from './database.ts';
import { interned } from './interned.ts';
import type { Interned } from './interned.ts';
import { eventParameters, insertEvent, peerTable } from './outcome-row.ts';
import type { Peer } from './outcome-row.ts';

/** What every writing part of the store shares: the transaction, and statements prepared once. */
export type Writer = {
  /** One durable transaction, all or nothing. */
  write<T>(work: () => T): T;
  readonly domains: Interned<string>;
  /** Inside `write`: the row of the two ends of an attempt. */
  peerOf(ends: Peer): number;
  /** Inside `write`; gives the event's `seq`. */
  addEvent(event: MessageEvent): number;
  /** Calls after every transaction that was committed; gives the way to end it. */
  onWritten(listener: () => void): () => void;
  /** Inside `write`; false when the message is final already. */
  settle(messageId: number, state: FinalState, atMs: number): boolean;
};

export function createWriter(db: DatabaseSync): Writer {
  const domains = interned<string>(db, {
    find: 'SELECT id FROM domain WHERE name = ?',
    insert: 'INSERT INTO domain (name) VALUES (?)',
    parameters: (name) => [name],
  });
  const peers = interned<Peer>(db, peerTable);
  const addEvent: StatementSync = db.prepare(insertEvent);
  const settle = db.prepare(
    'INSERT INTO settled (message_id, state, at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const listeners = new Set<() => void>();
  const durable = <T>(work: () => T): T => {
    try {
      return transaction(db, work);
    } catch (error) {
      domains.forget();
      peers.forget();
      throw error;
    }
  };
  return {
    domains,
    write(work) {
      const result = durable(work);
      for (const listener of listeners) listener();
      return result;
    },
    onWritten(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    peerOf: (ends) => peers.idOf(ends),
    addEvent(event) {
      const peerId = event.outcome === null ? null : peers.idOf(event.outcome);
      return Number(addEvent.run(...eventParameters(event, peerId)).lastInsertRowid);
    },
    settle: (messageId, state, atMs) => settle.run(messageId, state, atMs).changes === 1,
  };
}
