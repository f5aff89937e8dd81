import type { DatabaseSync } from 'node:sqlite';
import type { MessageState } from '../../events/index.ts';
import { numberOf, textOf, textOrNull, wordOf } from './row.ts';
import { messageStates } from './why-store.ts';

/** How many messages of one domain ended, or wait, for one verdict. */
export type OutcomeCount = {
  readonly domain: string;
  readonly state: MessageState;
  /** Of the last event; null for a plain success and for what has not been tried. */
  readonly verdict: string | null;
  readonly count: number;
};

/** Why messages did not arrive, one line for each reason. */
export type ReasonCount = {
  readonly state: MessageState;
  readonly verdict: string;
  readonly detail: string | null;
  readonly count: number;
  /** One of them, for `todoku why`. */
  readonly example: { readonly messageId: number; readonly address: string };
};

// The last event of each message; the index on event.message_id ends in seq, so max() is one look-up.
const lastEvents = `FROM campaign CROSS JOIN message ON message.id BETWEEN campaign.first_id AND campaign.last_id
    AND message.campaign_id = campaign.id
  LEFT JOIN settled ON settled.message_id = message.id
  LEFT JOIN event ON event.seq = (SELECT max(seq) FROM event WHERE message_id = message.id)
  LEFT JOIN returned ON settled.state = 'bounced' AND event.outcome = 'delivered'
    AND returned.seq = (SELECT max(seq) FROM returned WHERE message_id = message.id AND effect = 'turned')`;

// A delivery that came back is told by the news, not by the receiver's 250.
const verdict = 'coalesce(returned.verdict, event.verdict)';
const detail = 'iif(returned.seq IS NULL, event.detail, returned.detail)';

/** Counts by domain, state and verdict, largest first. */
export function outcomeCounts(db: DatabaseSync, campaignId: number): readonly OutcomeCount[] {
  const rows = db
    .prepare(
      `SELECT domain.name AS domain, coalesce(settled.state, 'waiting') AS state, ${verdict} AS verdict, count(*) AS messages
       ${lastEvents} JOIN domain ON domain.id = message.domain_id
       WHERE campaign.id = ? GROUP BY 1, 2, 3 ORDER BY messages DESC, 1, 2, 3`,
    )
    .all(campaignId);
  return rows.map((row) => ({
    domain: textOf(row, 'domain'),
    state: wordOf(row, 'state', messageStates),
    verdict: textOrNull(row, 'verdict'),
    count: numberOf(row, 'messages'),
  }));
}

/** The most frequent verdicts of what did not arrive or waits for another try. */
export function topReasons(db: DatabaseSync, campaignId: number, limit: number): readonly ReasonCount[] {
  const rows = db
    .prepare(
      `SELECT coalesce(settled.state, 'waiting') AS state, ${verdict} AS verdict, ${detail} AS detail, count(*) AS messages,
         min(message.id) AS message_id, message.address
       ${lastEvents}
       WHERE campaign.id = ? AND ${verdict} IS NOT NULL AND settled.state IS NOT 'delivered'
       GROUP BY 1, 2, 3 ORDER BY messages DESC, 1, 2, 3 LIMIT ?`,
    )
    .all(campaignId, limit);
  return rows.map((row) => ({
    state: wordOf(row, 'state', messageStates),
    verdict: textOf(row, 'verdict'),
    detail: textOrNull(row, 'detail'),
    count: numberOf(row, 'messages'),
    example: { messageId: numberOf(row, 'message_id'), address: textOf(row, 'address') },
  }));
}
