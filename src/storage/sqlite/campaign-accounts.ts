import type { DatabaseSync } from 'node:sqlite';
import type { CampaignState, LedgerRow } from '../../campaigns/index.ts';
import type { FinalState } from '../../events/index.ts';
import { campaignStates } from './campaign-row.ts';
import { numberOf, onlyRow, textOf, wordOf } from './row.ts';
import type { Row } from './row.ts';

const finalStates = [
  'delivered',
  'bounced',
  'suppressed',
  'expired',
  'cancelled',
] as const satisfies readonly FinalState[];

/** One campaign's side of the equation, each number counted by itself. */
export type Account = {
  readonly row: LedgerRow;
  readonly state: CampaignState;
  /** What was counted while its recipients were stored. */
  readonly recorded: number;
};

// Grouping by campaign over everything would sort a million rows; a scan between its first and last id needs none.
const countMessages = `SELECT count(*) AS accepted, coalesce(sum(settled.message_id IS NULL), 0) AS waiting,
       ${finalStates.map((state) => `coalesce(sum(settled.state = '${state}'), 0) AS ${state}`).join(', ')}
     FROM campaign CROSS JOIN message ON message.id BETWEEN campaign.first_id AND campaign.last_id
       AND message.campaign_id = campaign.id
     LEFT JOIN settled ON settled.message_id = message.id
     WHERE campaign.id = ?`;

/** One of them; null: there is none. Reads each of its messages: 0.12 s for a million. */
export function campaignAccount(db: DatabaseSync, campaignId: number): LedgerRow | null {
  const campaign = db.prepare('SELECT name FROM campaign WHERE id = ?').get(campaignId);
  if (campaign === undefined) return null;
  return rowOf(textOf(campaign, 'name'), onlyRow(db.prepare(countMessages).get(campaignId)));
}

/** Every campaign that was opened, in the order of creation. */
export function campaignAccounts(db: DatabaseSync): readonly Account[] {
  const campaigns = db.prepare(
    `SELECT id, name, state, accepted FROM campaign WHERE state <> 'preparing' ORDER BY id`,
  );
  const count = db.prepare(countMessages);
  return campaigns.all().map((campaign) => ({
    row: rowOf(textOf(campaign, 'name'), onlyRow(count.get(numberOf(campaign, 'id')))),
    state: wordOf(campaign, 'state', campaignStates),
    recorded: numberOf(campaign, 'accepted'),
  }));
}

function rowOf(campaign: string, row: Row): LedgerRow {
  return {
    campaign,
    accepted: numberOf(row, 'accepted'),
    waiting: numberOf(row, 'waiting'),
    delivered: numberOf(row, 'delivered'),
    bounced: numberOf(row, 'bounced'),
    suppressed: numberOf(row, 'suppressed'),
    expired: numberOf(row, 'expired'),
    cancelled: numberOf(row, 'cancelled'),
  };
}
