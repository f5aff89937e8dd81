import type { DatabaseSync } from 'node:sqlite';
import { parseMessageIdHeader } from '../../campaigns/index.ts';
import type { SentMessage, SentMessages } from '../../inbound/index.ts';
import { mailFinder } from './mail-finder.ts';
import { numberOf, numberOrNull, textOf, wordOf } from './row.ts';
import type { Row } from './row.ts';
import { messageStates } from './why-store.ts';

/** What matching reads of a message. */
export function sentMessages(db: DatabaseSync): SentMessages {
  const find = db.prepare(
    `SELECT message.id, message.address, campaign.name AS campaign,
      coalesce(settled.state, 'waiting') AS state, settled.at_ms AS settled_ms
     FROM message
     JOIN campaign ON campaign.id = message.campaign_id AND campaign.state <> 'preparing'
     LEFT JOIN settled ON settled.message_id = message.id
     WHERE message.id = ?`,
  );
  const findMail = mailFinder(db);
  /** A Message-ID that several recipients know does not say whose message it is. */
  const ofMail = (text: string): SentMessage | null => {
    const [only, another] = findMail(text, 2);
    const row = only === undefined || another !== undefined ? undefined : find.get(only);
    return row === undefined ? null : sentOf(row);
  };
  return {
    byId(id) {
      const row = find.get(id);
      return row === undefined ? null : sentOf(row);
    },
    byMessageIdHeader(text) {
      const key = parseMessageIdHeader(text);
      if (key === null) return ofMail(text);
      const row = find.get(key.messageId);
      return row === undefined || textOf(row, 'campaign') !== key.campaign ? null : sentOf(row);
    },
  };
}

function sentOf(row: Row): SentMessage {
  return {
    id: numberOf(row, 'id'),
    address: textOf(row, 'address'),
    state: wordOf(row, 'state', messageStates),
    settledMs: numberOrNull(row, 'settled_ms'),
  };
}
