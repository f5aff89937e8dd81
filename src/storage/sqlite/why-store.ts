import type { DatabaseSync } from 'node:sqlite';
import { suppressionKey } from '../../contacts/index.ts';
import { suspensionOf } from '../../delivery/index.ts';
import type { MessageFacts, PathHold, WhyStore } from '../../delivery/index.ts';
import type { MessageState } from '../../events/index.ts';
import { addressTag } from './address-tag.ts';
import { mailMessageId } from '../../outbox/index.ts';
import { mailFinder } from './mail-finder.ts';
import { reactionOf } from './reaction-row.ts';
import { eventOf, selectEvents } from './outcome-row.ts';
import { returnedOf } from './returned-row.ts';
import { numberOf, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';
import { sendingOf, timezoneIn } from './sending-columns.ts';
import { storedColumns, unpackVariables } from './variables.ts';

export const messageStates = [
  'waiting',
  'delivered',
  'bounced',
  'suppressed',
  'expired',
  'cancelled',
] as const satisfies readonly MessageState[];

const facts = `SELECT message.id, campaign.name AS campaign, coalesce(campaign.list, campaign.name) AS list, campaign.state = 'open' AS campaign_open,
    campaign.domain AS sender_domain, message.address, domain.name AS domain,
    coalesce(settled.state, 'waiting') AS state,
     campaign.stream, campaign.sending_window, campaign.timezone AS campaign_timezone, campaign.columns, message.variables,
    coalesce(mail.created_ms, campaign.opened_ms, campaign.created_ms) AS accepted_ms,
    coalesce(mail.expires_ms, campaign.created_ms + campaign.lifetime_ms) AS expires_ms,
    mail.name AS mail, message.id - mail.first_id + 1 AS position, mail.message_id AS given_id
  FROM message
  JOIN campaign ON campaign.id = message.campaign_id AND campaign.state <> 'preparing'
  JOIN domain ON domain.id = message.domain_id
  LEFT JOIN mail ON mail.id = message.mail_id
  LEFT JOIN settled ON settled.message_id = message.id`;

// As the port says: a person asked about one address reads no more.
const messagesAtMost = 100;
const returnedAtMost = 100;

/** What `why` reads: one message's facts and its history. */
export function whyStore(db: DatabaseSync): WhyStore {
  const byTag = db.prepare(
    `${facts} WHERE message.id IN (SELECT message_id FROM message_address WHERE tag = ?) ORDER BY message.id DESC`,
  );
  const byKey = db.prepare(`${facts} WHERE message.id = ? AND campaign.name = ?`);
  const findMail = mailFinder(db);
  const byId = db.prepare(`${facts} WHERE message.id = ?`);
  const events = db.prepare(`${selectEvents} WHERE message_id = ? ORDER BY seq`);
  // Strangers who know a Message-ID can write much about it: what is proved comes first.
  const returned = db.prepare(
    `SELECT * FROM (SELECT * FROM returned WHERE message_id = ? ORDER BY trusted DESC, seq DESC LIMIT ?) ORDER BY seq`,
  );
  const waiting = db.prepare('SELECT because, until_ms FROM waiting WHERE message_id = ?');
  const held = db.prepare(
    `SELECT reaction.* FROM reaction CROSS JOIN campaign ON campaign.id = reaction.campaign_id AND campaign.name = ?
     WHERE until_ms > ? AND until_ms IS NOT NULL AND ended_ms IS NULL AND step = 'hold-campaign'
     ORDER BY until_ms DESC LIMIT 1`,
  );
  const holds = db.prepare('SELECT * FROM path_hold WHERE domain = ? ORDER BY site, source');
  return {
    messagesOf(address) {
      const key = suppressionKey(address);
      const newest: MessageFacts[] = [];
      for (const row of byTag.iterate(addressTag(address))) {
        if (suppressionKey(textOf(row, 'address')) !== key) continue;
        newest.push(factsOf(row));
        if (newest.length === messagesAtMost) break;
      }
      return newest.toReversed();
    },
    messageById(messageId) {
      const row = byId.get(messageId);
      return row === undefined ? null : factsOf(row);
    },
    messageByKey(campaign, messageId) {
      const row = byKey.get(messageId, campaign);
      return row === undefined ? null : factsOf(row);
    },
    messagesOfMail: (id) =>
      findMail(id, messagesAtMost).flatMap((messageId) => {
        const row = byId.get(messageId);
        return row === undefined ? [] : [factsOf(row)];
      }),
    eventsOf: (messageId) => events.all(messageId).map(eventOf),
    returnedOf: (messageId) => returned.all(messageId, returnedAtMost).map(returnedOf),
    waitingOf(messageId) {
      const row = waiting.get(messageId);
      return row === undefined
        ? null
        : { because: textOf(row, 'because'), untilMs: numberOf(row, 'until_ms') };
    },
    campaignHold(campaign, nowMs) {
      const row = held.get(campaign, nowMs);
      return row === undefined ? null : suspensionOf(reactionOf(row));
    },
    holdsFor: (domain) => holds.all(domain).map(holdOf),
  };
}

function factsOf(row: Row): MessageFacts {
  return {
    id: numberOf(row, 'id'),
    campaign: textOf(row, 'campaign'),
    list: textOf(row, 'list'),
    campaignOpen: numberOf(row, 'campaign_open') === 1,
    senderDomain: textOf(row, 'sender_domain'),
    address: textOf(row, 'address'),
    domain: textOf(row, 'domain'),
    state: wordOf(row, 'state', messageStates),
    acceptedMs: numberOf(row, 'accepted_ms'),
    expiresMs: numberOf(row, 'expires_ms'),
    sending: { ...sendingOf(row, 'campaign_timezone'), recipientTimezone: recipientTimezone(row) },
    ...(row['mail'] === null ? {} : { mail: mailOf(row) }),
  };
}

function mailOf(row: Row): NonNullable<MessageFacts['mail']> {
  const mail = textOf(row, 'mail');
  return {
    id: mailMessageId(mail, numberOf(row, 'position')),
    messageId: textOrNull(row, 'given_id') ?? `<${mail}@${textOf(row, 'sender_domain')}>`,
  };
}

function recipientTimezone(row: Row): string | null {
  const columns = textOrNull(row, 'columns');
  const variables = unpackVariables(textOf(row, 'variables'), columns === null ? [] : storedColumns(columns));
  return timezoneIn(variables['timezone']);
}

function holdOf(row: Row): PathHold {
  const source = textOf(row, 'source');
  return {
    site: textOf(row, 'site'),
    domain: textOf(row, 'domain'),
    source: source === '' ? null : source,
    because: textOf(row, 'because'),
    detail: textOf(row, 'detail'),
    untilMs: numberOf(row, 'until_ms'),
  };
}
