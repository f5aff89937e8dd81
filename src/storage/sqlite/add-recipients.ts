import type { DatabaseSync } from 'node:sqlite';
import type { NewRecipient } from '../../campaigns/index.ts';
import { domainOfAddress, suppressionKey } from '../../contacts/index.ts';
import { addressTag } from './address-tag.ts';
import { numberOf, onlyRow, textOf, textOrNull } from './row.ts';
import { inForce } from './suppression-rows.ts';
import { packVariables, storedColumns } from './variables.ts';
import type { WritingParts } from './writing-parts.ts';

type Added = { readonly accepted: number; readonly suppressed: number };

/** Stores recipients of a campaign that is being prepared: one durable transaction a batch. */
export function addRecipients(
  parts: WritingParts,
): (campaignId: number, batch: readonly NewRecipient[]) => Added {
  const { db, clock, writer } = parts;
  const facts = db.prepare('SELECT name, list, state, columns FROM campaign WHERE id = ?');
  const insert = db.prepare(
    'INSERT INTO message (campaign_id, domain_id, address, address_tag, variables) VALUES (?, ?, ?, ?, ?)',
  );
  const count = db.prepare(
    `UPDATE campaign SET accepted = accepted + ?, columns = ?, first_id = coalesce(first_id, ?), last_id = ? WHERE id = ?`,
  );
  const reasonsNow = suppressionReader(db);

  const suppress = (messageId: number, reason: string): void => {
    const atMs = clock.now();
    const reading = { verdict: null, detail: reason, rule: 'local:suppressed', confidence: 1 };
    writer.settle(messageId, 'suppressed', atMs);
    writer.addEvent({ messageId, atMs, kind: 'suppressed', outcome: null, reading });
  };

  const addAll = (campaignId: number, batch: readonly NewRecipient[]): Added => {
    const campaign = facts.get(campaignId);
    if (campaign === undefined || textOf(campaign, 'state') !== 'preparing') {
      throw new Error(`campaign ${campaignId} is not preparing`);
    }
    const columns = columnsOf(textOrNull(campaign, 'columns'), batch);
    const reasonNow = reasonsNow(textOrNull(campaign, 'list') ?? textOf(campaign, 'name'), clock.now());
    let firstId = 0;
    let lastId = 0;
    let suppressed = 0;
    for (const { address, domain, variables } of batch) {
      const packed = packVariables(variables, columns);
      const added = insert.run(campaignId, writer.domains.idOf(domain), address, addressTag(address), packed);
      lastId = Number(added.lastInsertRowid);
      if (firstId === 0) firstId = lastId;
      const reason = reasonNow(address);
      if (reason === null) continue;
      suppress(lastId, reason);
      suppressed += 1;
    }
    count.run(batch.length, JSON.stringify(columns), firstId, lastId, campaignId);
    return { accepted: batch.length, suppressed };
  };

  return (campaignId, batch) => {
    if (batch.length === 0) return { accepted: 0, suppressed: 0 };
    return writer.write(() => addAll(campaignId, batch));
  };
}

/** Gives the oldest reason not to send to an address in mails of one list, null when there is none. */
function suppressionReader(
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

/** Names of the variables, fixed by the campaign's first recipient: a CSV gives every row the same. */
function columnsOf(stored: string | null, batch: readonly NewRecipient[]): readonly string[] {
  return stored === null ? Object.keys(batch[0]?.variables ?? {}) : storedColumns(stored);
}
