import type { NewRecipient } from '../../campaigns/index.ts';
import { addressTag } from './address-tag.ts';
import { textOf, textOrNull } from './row.ts';
import { suppressionReader } from './suppression-reader.ts';
import { packVariables, storedColumns } from './variables.ts';
import type { WritingParts } from './writing-parts.ts';

type Added = {
  readonly accepted: number;
  readonly suppressed: number;
  /** Of all of them, in their order. */
  readonly ids: readonly number[];
};

/** Stores recipients of a campaign that is being prepared; to be called in a transaction. */
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

  return (campaignId, batch) => {
    if (batch.length === 0) return { accepted: 0, suppressed: 0, ids: [] };
    const campaign = facts.get(campaignId);
    if (campaign === undefined || textOf(campaign, 'state') !== 'preparing') {
      throw new Error(`campaign ${campaignId} is not preparing`);
    }
    const columns = columnsOf(textOrNull(campaign, 'columns'), batch);
    const reasonNow = reasonsNow(textOrNull(campaign, 'list') ?? textOf(campaign, 'name'), clock.now());
    const ids: number[] = [];
    let suppressed = 0;
    for (const { address, domain, variables } of batch) {
      const packed = packVariables(variables, columns);
      const added = insert.run(campaignId, writer.domains.idOf(domain), address, addressTag(address), packed);
      const id = Number(added.lastInsertRowid);
      ids.push(id);
      const reason = reasonNow(address);
      if (reason === null) continue;
      suppress(id, reason);
      suppressed += 1;
    }
    count.run(batch.length, JSON.stringify(columns), ids[0] ?? 0, ids.at(-1) ?? 0, campaignId);
    return { accepted: batch.length, suppressed, ids };
  };
}

/** Names of the variables, fixed by the campaign's first recipient: a CSV gives every row the same. */
function columnsOf(stored: string | null, batch: readonly NewRecipient[]): readonly string[] {
  return stored === null ? Object.keys(batch[0]?.variables ?? {}) : storedColumns(stored);
}
