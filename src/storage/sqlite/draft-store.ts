import type { DatabaseSync } from 'node:sqlite';
import type { CampaignDraft, DraftStore } from '../../campaigns/index.ts';
import { textOf } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

/** Campaigns without recipients. */
export function draftStore(db: DatabaseSync, writer: Writer): DraftStore {
  const add = db.prepare(
    'INSERT INTO campaign_draft (name, owner, draft, domain, created_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const find = db.prepare('SELECT * FROM campaign_draft WHERE name = ?');
  const list = db.prepare('SELECT * FROM campaign_draft ORDER BY name DESC');
  const remove = db.prepare('DELETE FROM campaign_draft WHERE name = ?');
  return {
    add({ campaign, owner }) {
      const { name, domain, createdMs } = campaign;
      writer.write(() => add.run(name, owner, JSON.stringify(campaign), domain, createdMs));
    },
    find(name) {
      const row = find.get(name);
      return row === undefined ? null : draftOf(row);
    },
    list: () => list.all().map(draftOf),
    remove: (name) => writer.write(() => remove.run(name).changes === 1),
  };
}

function draftOf(row: Row): CampaignDraft {
  const campaign: unknown = JSON.parse(textOf(row, 'draft'));
  if (!isCampaign(campaign)) throw new Error('a draft holds no campaign');
  return { campaign, owner: textOf(row, 'owner') };
}

/** Only `add` writes drafts, stringified from one: enough to know that it is not something else. */
function isCampaign(value: unknown): value is CampaignDraft['campaign'] {
  return typeof value === 'object' && value !== null && 'content' in value && 'createdMs' in value;
}
