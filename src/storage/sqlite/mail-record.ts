import type { FinalState, Waiting } from '../../events/index.ts';
import { mailMessageId } from '../../outbox/index.ts';
import type { BodyPlace, MailRecord } from '../../outbox/index.ts';
import { numberOf, numberOrNull, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';

export const recordColumns = `mail.id AS mail_row, mail.name, message.id AS message_id,
  message.id - mail.first_id + 1 AS position, mail.via, mail.owner, campaign.domain, mail.author, message.address,
  mail.subject, settled.state, waiting.because, waiting.until_ms, mail.sandbox, mail.tags, mail.metadata,
  mail.created_ms, mail.not_before_ms, mail.expires_ms, mail_body.segment, mail_body.start, mail_body.octets`;

// CROSS JOIN: from the mail to its messages by their ids, and never the other way round.
export const recordJoins = `CROSS JOIN message ON message.id BETWEEN mail.first_id AND mail.first_id + mail.messages - 1
  CROSS JOIN campaign ON campaign.id = message.campaign_id
  LEFT JOIN mail_body ON mail_body.mail_id = mail.id AND mail_body.number = message.body
  LEFT JOIN settled ON settled.message_id = message.id
  LEFT JOIN waiting ON waiting.message_id = message.id`;

const vias = ['http', 'smtp', 'sendmail'] as const;
const finalStates = [
  'delivered',
  'bounced',
  'suppressed',
  'expired',
  'cancelled',
] as const satisfies readonly FinalState[];

export function recordOf(row: Row): MailRecord {
  const mail = textOf(row, 'name');
  const state = row['state'] === null ? 'waiting' : wordOf(row, 'state', finalStates);
  return {
    id: mailMessageId(mail, numberOf(row, 'position')),
    mail,
    messageId: numberOf(row, 'message_id'),
    via: wordOf(row, 'via', vias),
    owner: textOf(row, 'owner'),
    domain: textOf(row, 'domain'),
    author: textOf(row, 'author'),
    address: textOf(row, 'address'),
    subject: textOf(row, 'subject'),
    state,
    waiting: state === 'waiting' ? waitOf(row) : null,
    sandbox: numberOf(row, 'sandbox') === 1,
    tags: tagsOf(textOrNull(row, 'tags')),
    metadata: metadataOf(textOrNull(row, 'metadata')),
    createdMs: numberOf(row, 'created_ms'),
    notBeforeMs: numberOf(row, 'not_before_ms'),
    expiresMs: numberOf(row, 'expires_ms'),
    body: placeOf(row),
  };
}

function waitOf(row: Row): Waiting | null {
  const because = textOrNull(row, 'because');
  return because === null ? null : { because, untilMs: numberOf(row, 'until_ms') };
}

/** null: it is no longer kept. */
export function placeOf(row: Row): BodyPlace | null {
  const segment = numberOrNull(row, 'segment');
  return segment === null
    ? null
    : { segment, offset: numberOf(row, 'start'), octets: numberOf(row, 'octets') };
}

function tagsOf(stored: string | null): readonly string[] {
  const tags: unknown = stored === null ? [] : JSON.parse(stored);
  if (!Array.isArray(tags)) throw new Error(`tags hold ${stored}`);
  return tags.map(String);
}

function metadataOf(stored: string | null): Readonly<Record<string, string>> {
  const metadata: unknown = stored === null ? {} : JSON.parse(stored);
  if (typeof metadata !== 'object' || metadata === null) throw new Error(`metadata hold ${stored}`);
  // fromEntries defines properties: a name __proto__ is one like any other.
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, String(value)]));
}
