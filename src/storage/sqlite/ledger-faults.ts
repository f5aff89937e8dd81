import type { DatabaseSync } from 'node:sqlite';
import type { Account } from './campaign-accounts.ts';
import { numberOf, onlyRow } from './row.ts';

type Check = { readonly sql: string; readonly fault: (count: number) => string };

// A trusted bounce that turned a delivery round: the one thing that may stand between a delivery and `bounced`.
const turned = `EXISTS (SELECT 1 FROM returned WHERE returned.message_id = settled.message_id AND effect = 'turned')`;

// What one state says about the last event, in SQL over (settled.state, kind, outcome). A bounce may come from any
// outcome but a delivery (refused; deferred or lost once too often), or from a delivery and the news that it came back;
// an expiry from the queue or from an attempt.
const agrees = `CASE state
  WHEN 'delivered' THEN (kind = 'captured' OR (kind = 'attempted' AND outcome = 'delivered')) AND NOT ${turned}
  WHEN 'bounced' THEN kind = 'attempted' AND (outcome <> 'delivered') <> ${turned}
  WHEN 'suppressed' THEN kind = 'suppressed'
  WHEN 'cancelled' THEN kind = 'cancelled'
  WHEN 'expired' THEN kind = 'expired' OR (kind = 'attempted' AND outcome <> 'delivered')
  ELSE 0 END`;

// With max() SQLite takes the other columns from the row that has the maximum
// (https://www.sqlite.org/lang_select.html#bareagg). One pass over the index on message_id.
const lastEvents = 'SELECT message_id, max(seq) AS seq, kind, outcome FROM event GROUP BY message_id';

const checks: readonly Check[] = [
  {
    sql: `SELECT count(*) AS found FROM settled LEFT JOIN message ON message.id = settled.message_id
          WHERE message.id IS NULL`,
    fault: (count) => `${count} final states belong to no message`,
  },
  {
    sql: `SELECT count(*) AS found FROM message LEFT JOIN campaign ON campaign.id = message.campaign_id
          WHERE campaign.id IS NULL OR message.id NOT BETWEEN campaign.first_id AND campaign.last_id`,
    fault: (count) => `${count} messages belong to no campaign`,
  },
  {
    sql: `SELECT count(*) AS found FROM settled LEFT JOIN (${lastEvents}) last USING (message_id)
          WHERE NOT coalesce(${agrees}, 0)`,
    fault: (count) =>
      `${count} messages have a final state that contradicts the last thing that happened to them`,
  },
  {
    sql: `SELECT count(*) AS found FROM (
            SELECT message_id FROM event WHERE outcome = 'delivered' GROUP BY message_id HAVING count(*) > 1)`,
    fault: (count) => `${count} messages were delivered more than once`,
  },
  {
    sql: `SELECT count(*) AS found FROM event LEFT JOIN settled USING (message_id)
          WHERE event.outcome = 'delivered' AND settled.state IS NOT 'delivered'
            AND NOT (settled.state IS 'bounced' AND ${turned})`,
    fault: (count) => `${count} deliveries are not in the final state of their message`,
  },
  {
    // Counted from the news: each that turned a delivery round has exactly one bounced message, and needed our seal.
    sql: `SELECT count(*) AS found FROM returned LEFT JOIN settled ON settled.message_id = returned.message_id
          WHERE effect = 'turned' AND (settled.state IS NOT 'bounced' OR trusted <> 1 OR kind <> 'bounced-later')`,
    fault: (count) => `${count} late bounces are not in the final state of their message`,
  },
  {
    sql: `SELECT count(*) AS found FROM returned JOIN settled ON settled.message_id = returned.message_id
          WHERE effect = 'pending'`,
    fault: (count) => `${count} late bounces wait for a settlement that has been made`,
  },
  {
    sql: 'SELECT count(*) AS found FROM waiting JOIN settled USING (message_id)',
    fault: (count) => `${count} messages wait although they are final`,
  },
  {
    sql: `SELECT count(*) AS found FROM waiting LEFT JOIN message ON message.id = waiting.message_id
          WHERE message.id IS NULL`,
    fault: (count) => `${count} waits belong to no message`,
  },
  {
    sql: `SELECT count(*) AS found FROM waiting WHERE because = '' OR until_ms <= 0`,
    fault: (count) => `${count} messages wait without a reason or an end`,
  },
  {
    // Tried, not final, and yet no row says why it waits: it would be taken for one that was never tried.
    sql: `SELECT count(*) AS found FROM (SELECT DISTINCT message_id FROM event) tried
          LEFT JOIN settled USING (message_id) LEFT JOIN waiting USING (message_id)
          WHERE settled.message_id IS NULL AND waiting.message_id IS NULL`,
    fault: (count) => `${count} messages were tried, are not final and do not say why they wait`,
  },
];

/** Everything that does not add up, in words. */
export function ledgerFaults(db: DatabaseSync, accounts: readonly Account[]): readonly string[] {
  const found = checks.flatMap(({ sql, fault }) => {
    const count = numberOf(onlyRow(db.prepare(sql).get()), 'found');
    return count === 0 ? [] : [fault(count)];
  });
  return [...accounts.flatMap(accountFaults), ...found];
}

function accountFaults({ row, state, recorded }: Account): readonly string[] {
  const faults: string[] = [];
  if (recorded !== row.accepted) {
    faults.push(`${row.campaign}: ${recorded} messages were accepted, ${row.accepted} are there`);
  }
  const final = row.delivered + row.bounced + row.suppressed + row.expired + row.cancelled;
  if (final + row.waiting !== row.accepted) {
    faults.push(`${row.campaign}: accepted ${row.accepted} is not final ${final} + waiting ${row.waiting}`);
  }
  if (state !== 'open' && row.waiting > 0) {
    faults.push(`${row.campaign}: the campaign is ${state} and ${row.waiting} of its messages wait`);
  }
  return faults;
}
