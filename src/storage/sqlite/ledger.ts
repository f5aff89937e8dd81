import type { DatabaseSync } from 'node:sqlite';
import type { Ledger, LedgerRow } from '../../campaigns/index.ts';
import { campaignAccounts } from './campaign-accounts.ts';
import { snapshot } from './database.ts';
import { ledgerFaults } from './ledger-faults.ts';

/**
 * Promise 3: accepted = delivered + bounced + suppressed + expired + cancelled + waiting, per campaign and in all.
 * Accepted and waiting are counted from the messages, the final states from `settled`; nothing is a difference of
 * the others. All in one snapshot, so that it holds while another process works.
 */
export function ledger(db: DatabaseSync): Ledger {
  return snapshot(db, () => {
    const accounts = campaignAccounts(db);
    const faults = ledgerFaults(db, accounts);
    const campaigns = accounts.map((account) => account.row);
    return { ok: faults.length === 0, total: sum(campaigns), campaigns, faults };
  });
}

function sum(rows: readonly LedgerRow[]): LedgerRow {
  const of = (column: Exclude<keyof LedgerRow, 'campaign'>): number =>
    rows.reduce((total, row) => total + row[column], 0);
  return {
    campaign: 'total',
    accepted: of('accepted'),
    waiting: of('waiting'),
    delivered: of('delivered'),
    bounced: of('bounced'),
    suppressed: of('suppressed'),
    expired: of('expired'),
    cancelled: of('cancelled'),
  };
}
