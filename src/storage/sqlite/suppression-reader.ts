import type { DatabaseSync } from 'node:sqlite';
import { domainOfAddress, suppressionKey } from '../../contacts/index.ts';
import { numberOf, onlyRow, textOf } from './row.ts';
import { inForce } from './suppression-rows.ts';

/** Gives the oldest reason not to send to an address in mails of one list ('': of none), null when there is none. */
export function suppressionReader(
  db: DatabaseSync,
): (list: string, nowMs: number) => (address: string) => string | null {
  const scopes = db.prepare(
    `SELECT EXISTS (SELECT 1 FROM suppression) AS any_row,
       EXISTS (SELECT 1 FROM suppression WHERE scope = 'domain') AS any_domain`,
  );
  const ofAddress = db.prepare(
    `SELECT reason FROM suppression
     WHERE key = ? AND (scope = 'address' OR (scope = 'list' AND list = ?)) AND ${inForce}
     ORDER BY at_ms, reason LIMIT 1`,
  );
  const ofDomain = db.prepare(
    `SELECT reason FROM suppression WHERE key = ? AND scope = 'domain' AND ${inForce} ORDER BY at_ms, reason LIMIT 1`,
  );
  return (list, nowMs) => {
    // Asked once a batch: most installations suppress no domain, and a new one nobody.
    const found = onlyRow(scopes.get());
    if (numberOf(found, 'any_row') === 0) return () => null;
    const mayBeDomain = numberOf(found, 'any_domain') === 1;
    return (address) => {
      const own = ofAddress.get(suppressionKey(address), list, nowMs);
      const row = own ?? (mayBeDomain ? ofDomain.get(domainOfAddress(address), nowMs) : undefined);
      return row === undefined ? null : textOf(row, 'reason');
    };
  };
}
