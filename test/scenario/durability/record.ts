import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../../src/base/index.ts';
import type { Ledger } from '../../../src/campaigns/index.ts';
import { openStore } from '../../../src/storage/sqlite/index.ts';

/** The ledger of a data folder, read beside whoever works in it. */
export function ledgerOf(folder: string): Ledger {
  const store = openStore({ folder, clock: systemClock, mode: 'read' });
  try {
    return store.reports.ledger();
  } finally {
    store.close();
  }
}

/** Addresses whose message is durable as delivered; past the store's own door, whose answers are what is tested. */
export function deliveredIn(folder: string): ReadonlySet<string> {
  const db = new DatabaseSync(join(folder, 'todoku.db'), { readOnly: true });
  try {
    const rows = db
      .prepare(
        `SELECT message.address FROM settled CROSS JOIN message ON message.id = settled.message_id
         WHERE settled.state = 'delivered'`,
      )
      .all();
    return new Set(rows.map(({ address }) => String(address)));
  } finally {
    db.close();
  }
}

/** When the last thing happened, by the clock of the program that wrote it down. */
export function lastEventMs(folder: string): number {
  const db = new DatabaseSync(join(folder, 'todoku.db'), { readOnly: true });
  try {
    return Number(db.prepare('SELECT max(at_ms) AS last FROM event').get()?.['last']);
  } finally {
    db.close();
  }
}
