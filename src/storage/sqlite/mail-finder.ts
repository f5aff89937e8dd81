import type { DatabaseSync } from 'node:sqlite';
import { parseMailKey } from '../../outbox/index.ts';
import { numberOf } from './row.ts';

/** Finds the messages of mails by `m-…`, `m-….2`, or a Message-ID with or without angle brackets; in their order. */
export function mailFinder(db: DatabaseSync): (id: string, most: number) => readonly number[] {
  const byName = db.prepare('SELECT first_id, messages FROM mail WHERE name = ?');
  // Applications that count their Message-IDs from one again use them twice: the newest are meant.
  const byMessageId = db.prepare(
    'SELECT first_id, messages FROM mail WHERE message_id = ? ORDER BY id DESC LIMIT ?',
  );
  return (id, most) => {
    const key = parseMailKey(id);
    const given = `<${id.trim().replace(/^<(.*)>$/, '$1')}>`;
    const rows = key === null ? byMessageId.all(given, most) : byName.all(key.mail);
    const position = key?.position ?? null;
    const ids = rows.flatMap((row) => {
      const [first, count] = [numberOf(row, 'first_id'), numberOf(row, 'messages')];
      if (position !== null) return position > count ? [] : [first + position - 1];
      return Array.from({ length: Math.min(count, most) }, (_, at) => first + at);
    });
    return ids.slice(0, most);
  };
}
