import { failureKinds } from '../../delivery/index.ts';
import type { Failure, ProviderOf } from '../../delivery/index.ts';
import { attemptKind, recipientDomain } from './failure-filter.ts';
import { numberOf, numberOrNull, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';
import { messageStates } from './why-store.ts';

const aboutMessage = `campaign.name AS campaign, campaign.domain AS sender_domain,
  iif(message.id IS NULL, NULL, coalesce(settled.state, 'waiting')) AS state`;

/** Columns of an attempt as `failureOf` reads them. */
export const attemptColumns = `0 AS is_returned, event.seq, event.at_ms, ${attemptKind} AS failure,
  event.message_id, ${aboutMessage}, message.address, domain.name AS domain, NULL AS provider,
  event.verdict, event.detail, event.rule, event.confidence, event.hard, event.reply_code, event.status, event.said,
  event.cause, event.stage, peer.host, 1 AS trusted`;

export const attemptJoins = `CROSS JOIN message ON message.id = event.message_id
  CROSS JOIN campaign ON campaign.id = message.campaign_id
  CROSS JOIN domain ON domain.id = message.domain_id
  LEFT JOIN settled ON settled.message_id = message.id
  LEFT JOIN peer ON peer.id = event.peer_id`;

export const returnedColumns = `1 AS is_returned, returned.seq, returned.at_ms, returned.kind AS failure,
  returned.message_id, ${aboutMessage}, coalesce(message.address, returned.recipient) AS address,
  coalesce(domain.name, nullif(${recipientDomain}, '')) AS domain, returned.provider,
  returned.verdict, returned.detail, returned.rule, returned.confidence, returned.hard, returned.reply_code,
  returned.status, returned.said, NULL AS cause, NULL AS stage, returned.remote_host AS host, returned.trusted`;

export const returnedJoins = `LEFT JOIN message ON message.id = returned.message_id
  LEFT JOIN campaign ON campaign.id = message.campaign_id
  LEFT JOIN domain ON domain.id = message.domain_id
  LEFT JOIN settled ON settled.message_id = message.id`;

export function failureOf(row: Row, providerOf: ProviderOf): Failure {
  const [host, domain] = [textOrNull(row, 'host'), textOrNull(row, 'domain')];
  const state = textOrNull(row, 'state');
  return {
    id: `${numberOf(row, 'is_returned') === 1 ? 'returned' : 'attempt'}:${numberOf(row, 'seq')}`,
    atMs: numberOf(row, 'at_ms'),
    kind: wordOf(row, 'failure', failureKinds),
    messageId: numberOrNull(row, 'message_id'),
    campaign: textOrNull(row, 'campaign'),
    senderDomain: textOrNull(row, 'sender_domain'),
    state: state === null ? null : wordOf(row, 'state', messageStates),
    address: textOrNull(row, 'address'),
    domain,
    provider: textOrNull(row, 'provider') ?? providerOf({ mxHost: host, domain }),
    verdict: textOf(row, 'verdict'),
    detail: textOrNull(row, 'detail'),
    rule: textOrNull(row, 'rule'),
    confidence: numberOf(row, 'confidence'),
    hardBounce: row['hard'] === 1,
    replyCode: numberOrNull(row, 'reply_code'),
    status: textOrNull(row, 'status'),
    said: saidOf(textOrNull(row, 'said')),
    cause: textOrNull(row, 'cause'),
    stage: textOrNull(row, 'stage'),
    host,
    trusted: numberOf(row, 'trusted') === 1,
  };
}

/** Reply lines as one text; an expiry in the queue has none. */
function saidOf(stored: string | null): string {
  if (stored === null) return '';
  const said: unknown = JSON.parse(stored);
  return Array.isArray(said) ? said.map(String).join(' ') : String(said);
}
