import type { DatabaseSync } from 'node:sqlite';
import type { InboxStore } from '../../inbox/index.ts';
import type { Writer } from './writer.ts';

export function inboxStore(db: DatabaseSync, writer: Writer): InboxStore {
  const insert = db.prepare('INSERT INTO inbox_removed (message_id) VALUES (?) ON CONFLICT DO NOTHING');
  const find = db.prepare('SELECT 1 FROM inbox_removed WHERE message_id = ?');
  return {
    remove: (messageId) => writer.write(() => insert.run(messageId).changes === 1),
    isRemoved: (messageId) => find.get(messageId) !== undefined,
  };
}
