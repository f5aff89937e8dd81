import type { NewRecipient } from '../../campaigns/index.ts';
import { suppressionKey } from '../../contacts/index.ts';
import { addressTag } from './address-tag.ts';
import { numberOf, onlyRow, textOf, textOrNull } from './row.ts';
import { packVariables, storedColumns } from './variables.ts';
import type { WritingParts } from './writing-parts.ts';

type Added = { readonly accepted: number; readonly suppressed: number };

/** Stores recipients of a campaign that is being prepared: one durable transaction a batch. */
export function addRecipients(
  parts: WritingParts,
): (campaignId: number, batch: readonly NewRecipient[]) => Added {
  const { db, clock, writer } = parts;
  const facts = db.prepare('SELECT state, columns FROM campaign WHERE id = ?');
  const insert = db.prepare(
    'INSERT INTO message (campaign_id, domain_id, address, address_tag, variables) VALUES (?, ?, ?, ?, ?)',
  );
  const count = db.prepare(
    `UPDATE campaign SET accepted = accepted + ?, columns = ?, first_id = coalesce(first_id, ?), last_id = ? WHERE id = ?`,
  );
  const anySuppression = db.prepare('SELECT EXISTS (SELECT 1 FROM suppression) AS any_row');
  const suppression = db.prepare(
    'SELECT reason FROM suppression WHERE key = ? ORDER BY at_ms, reason LIMIT 1',
  );

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
    const mayBeSuppressed = numberOf(onlyRow(anySuppression.get()), 'any_row') === 1;
    let firstId = 0;
    let lastId = 0;
    let suppressed = 0;
    for (const { address, domain, variables } of batch) {
      const packed = packVariables(variables, columns);
      const added = insert.run(campaignId, writer.domains.idOf(domain), address, addressTag(address), packed);
      lastId = Number(added.lastInsertRowid);
      if (firstId === 0) firstId = lastId;
      const reason = mayBeSuppressed ? suppression.get(suppressionKey(address)) : undefined;
      if (reason === undefined) continue;
      suppress(lastId, textOf(reason, 'reason'));
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

/** Names of the variables, fixed by the campaign's first recipient: a CSV gives every row the same. */
function columnsOf(stored: string | null, batch: readonly NewRecipient[]): readonly string[] {
  return stored === null ? Object.keys(batch[0]?.variables ?? {}) : storedColumns(stored);
}
