import type { DatabaseSync } from 'node:sqlite';
import type { DeliveryStore, MessageRow, OpenCampaign, QueuedMessage } from '../../delivery/index.ts';
import { commit } from './commit.ts';
import { noticeOwner } from '../../outbox/index.ts';
import { placeOf } from './mail-record.ts';
import { openRanges } from './open-ranges.ts';
import { numberOf, textOf, textOrNull } from './row.ts';
import type { Row } from './row.ts';
import { sendingOf, timezoneIn } from './sending-columns.ts';
import { storedColumns, unpackVariables } from './variables.ts';
import type { WritingParts } from './writing-parts.ts';

const queueColumns = `message.id, message.campaign_id, domain.name AS domain,
  coalesce(waiting.until_ms, 0) AS until_ms, coalesce(waiting.attempts, 0) AS attempts,
  coalesce(waiting.unknowns, 0) AS unknowns,
  coalesce(mail.expires_ms, campaign.created_ms + campaign.lifetime_ms) AS expires_ms`;

// CROSS JOIN keeps SQLite from turning the order round: messages by id first, the small tables looked up for each.
const queueJoins = `CROSS JOIN campaign ON campaign.id = message.campaign_id AND campaign.state = 'open'
  CROSS JOIN domain ON domain.id = message.domain_id
  LEFT JOIN settled ON settled.message_id = message.id
  LEFT JOIN waiting ON waiting.message_id = message.id
  LEFT JOIN mail ON mail.id = message.mail_id`;

export function deliveryStore(parts: WritingParts): DeliveryStore {
  const { db, waiting } = parts;
  const ranges = openRanges(db);
  const page = db.prepare(
    `SELECT ${queueColumns} FROM message ${queueJoins}
     WHERE message.id > ? AND message.id <= ? AND settled.message_id IS NULL ORDER BY message.id LIMIT ?`,
  );
  const rows = db.prepare(
    `SELECT ${queueColumns}, message.address, message.variables, message.mail_id, campaign.domain AS sender,
       mail.require_tls, mail.owner, mail_body.segment, mail_body.start, mail_body.octets, mail_body.eight_bit, mail_body.smtp_utf8
     FROM json_each(?) AS wanted CROSS JOIN message ON message.id = wanted.value ${queueJoins}
     LEFT JOIN mail_body ON mail_body.mail_id = message.mail_id AND mail_body.number = message.body
     WHERE settled.message_id IS NULL`,
  );
  const columnsOf = campaignColumnNames(db);
  // The upper bound keeps the search from running through the messages of all later campaigns.
  const ofCampaign = db.prepare(
    `SELECT ${queueColumns}, CASE WHEN ? IS NULL THEN NULL ELSE
       coalesce(json_extract(message.variables, ?), json_extract(message.variables, '$.timezone')) END AS timezone
     FROM message ${queueJoins}
     WHERE message.id > ? AND message.id <= (SELECT last_id FROM campaign WHERE id = ?) AND message.campaign_id = ?
       AND settled.message_id IS NULL ORDER BY message.id LIMIT ?`,
  );
  const openCampaign = `SELECT id, stream, sending_window, timezone, last_id FROM campaign
    WHERE state = 'open' AND first_id IS NOT NULL`;
  const open = db.prepare(`${openCampaign} ORDER BY first_id`);
  const openOf = db.prepare(`${openCampaign} AND id IN (SELECT value FROM json_each(?)) ORDER BY first_id`);
  /** Where the rows of a campaign hold the recipient's time zone, as a path in JSON; null: nowhere. */
  const timezoneAt = (campaignId: number): string | null => {
    const index = columnsOf(campaignId).indexOf('timezone');
    return index === -1 ? null : `$[${index}]`;
  };
  return {
    openCampaigns: (ids) =>
      (ids === undefined ? open.all() : openOf.all(JSON.stringify(ids))).map(openCampaignOf),
    queuedPage(afterId, limit, campaignId) {
      if (campaignId !== undefined) {
        const at = timezoneAt(campaignId);
        return ofCampaign.all(at, at, afterId, campaignId, campaignId, limit).map(queuedOf);
      }
      const found: QueuedMessage[] = [];
      for (const { first, last } of ranges()) {
        const room = limit - found.length;
        if (room <= 0) break;
        if (last <= afterId) continue;
        for (const row of page.all(Math.max(afterId, first - 1), last, room)) found.push(queuedOf(row));
      }
      return found;
    },
    messageRows: (ids) =>
      rows.all(JSON.stringify(ids)).map((row) => messageOf(row, columnsOf(numberOf(row, 'campaign_id')))),
    commit: commit(parts),
    waitingCount: () => waiting.read(),
  };
}

/** Names of a campaign's variables; they never change, and few campaigns are open. */
function campaignColumnNames(db: DatabaseSync): (campaignId: number) => readonly string[] {
  const find = db.prepare('SELECT columns FROM campaign WHERE id = ?');
  const known = new Map<number, readonly string[]>();
  return (campaignId) => {
    let columns = known.get(campaignId);
    if (columns === undefined) {
      const row = find.get(campaignId);
      columns = row === undefined ? [] : storedColumns(textOf(row, 'columns'));
      known.set(campaignId, columns);
    }
    return columns;
  };
}

function queuedOf(row: Row): QueuedMessage {
  return {
    id: numberOf(row, 'id'),
    campaignId: numberOf(row, 'campaign_id'),
    domain: textOf(row, 'domain'),
    attempts: numberOf(row, 'attempts'),
    unknowns: numberOf(row, 'unknowns'),
    notBeforeMs: numberOf(row, 'until_ms'),
    expiresMs: numberOf(row, 'expires_ms'),
    timezone: timezoneOf(row),
  };
}

/** Some pages do not ask for it. */
function timezoneOf(row: Row): string | null {
  return row['timezone'] === undefined ? null : timezoneIn(textOrNull(row, 'timezone'));
}

function openCampaignOf(row: Row): OpenCampaign {
  return { id: numberOf(row, 'id'), ...sendingOf(row), lastId: numberOf(row, 'last_id') };
}

function messageOf(row: Row, columns: readonly string[]): MessageRow {
  return {
    id: numberOf(row, 'id'),
    campaignId: numberOf(row, 'campaign_id'),
    address: textOf(row, 'address'),
    domain: textOf(row, 'domain'),
    variables: unpackVariables(textOf(row, 'variables'), columns),
    attempts: numberOf(row, 'attempts'),
    unknowns: numberOf(row, 'unknowns'),
    expiresMs: numberOf(row, 'expires_ms'),
    ...(row['mail_id'] === null ? {} : { mail: storedMailOf(row) }),
  };
}

/** Where its bytes lie. One that is no longer kept is asked for in vain, and told of as such. */
function storedMailOf(row: Row): NonNullable<MessageRow['mail']> {
  return {
    domain: textOf(row, 'sender'),
    place: placeOf(row) ?? { segment: 0, offset: 0, octets: 0 },
    eightBit: row['eight_bit'] === 1,
    smtpUtf8: row['smtp_utf8'] === 1,
    requireTls: row['require_tls'] === 1,
    ...(row['owner'] === noticeOwner ? { nullSender: true } : {}),
  };
}
