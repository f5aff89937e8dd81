import type { DatabaseSync } from 'node:sqlite';
import type { Campaign, CampaignState, CampaignStore } from '../../campaigns/index.ts';
import { addRecipients } from './add-recipients.ts';
import { campaignColumns, campaignOf } from './campaign-row.ts';
import { dayNumber } from './mail-day.ts';
import { numberOrNull } from './row.ts';
import type { Writer } from './writer.ts';
import type { WritingParts } from './writing-parts.ts';

// One transaction each: 30 ms, so that removing a million rows neither grows the log nor holds up others for long.
const discardedRowsAtOnce = 10_000;

function statements(db: DatabaseSync) {
  return {
    insert: db.prepare(
      `INSERT INTO campaign (name, state, content, domain, created_ms, lifetime_ms, list, stream, sending_window, timezone)
       VALUES (?, 'preparing', ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${campaignColumns}`,
    ),
    byName: db.prepare(`SELECT ${campaignColumns} FROM campaign WHERE name = ?`),
    byId: db.prepare(`SELECT ${campaignColumns} FROM campaign WHERE id = ?`),
    withState: db.prepare(`SELECT ${campaignColumns} FROM campaign WHERE state = ? ORDER BY id`),
    change: db.prepare('UPDATE campaign SET state = ? WHERE id = ? AND state = ?'),
    stampOpening: db.prepare('UPDATE campaign SET opened_ms = ? WHERE id = ?'),
    // 1,000,000 addresses: 1 s here instead of 5 s while they are stored.
    indexAddresses: db.prepare(
      `INSERT INTO message_address (tag, message_id) SELECT message.address_tag, message.id
       FROM campaign JOIN message ON message.id BETWEEN campaign.first_id AND campaign.last_id
         AND message.campaign_id = campaign.id
       WHERE campaign.id = ? ORDER BY 1, 2`,
    ),
  };
}

export function campaignStore(parts: WritingParts): CampaignStore {
  const { db, writer, waiting } = parts;
  const { insert, byName, byId, withState, change, stampOpening, indexAddresses } = statements(db);
  const setState = (id: number, from: CampaignState, to: CampaignState): void => {
    if (change.run(to, id, from).changes !== 1) throw new Error(`campaign ${id} is not ${from}`);
  };
  const find = (id: number): Campaign | null => {
    const row = byId.get(id);
    return row === undefined ? null : campaignOf(row);
  };
  const list = (state: CampaignState): readonly Campaign[] => withState.all(state).map(campaignOf);
  const isDone = doneCheck(db);

  const create = (facts: Omit<Campaign, 'id' | 'state'>): Campaign => {
    const { name, content, domain, createdMs, expiresMs } = facts;
    if (byName.get(name) !== undefined) throw new Error(`campaign ${name} exists`);
    const stream = facts.stream === 'transactional' ? facts.stream : null;
    const hours = [facts.list ?? null, stream, facts.window ?? null, facts.timezone ?? null];
    const row = insert.get(name, JSON.stringify(content), domain, createdMs, expiresMs, ...hours);
    if (row === undefined) throw new Error(`campaign ${name} was not stored`);
    return campaignOf(row);
  };
  const open = (id: number): void => {
    setState(id, 'preparing', 'open');
    stampOpening.run(parts.clock.now(), id);
    indexAddresses.run(id);
  };
  const addAll = addRecipients(parts);
  return {
    create,
    addRecipients(campaignId, batch) {
      const { accepted, suppressed } = writer.write(() => addAll(campaignId, batch));
      return { accepted, suppressed };
    },
    open(id) {
      writer.write(() => open(id));
      waiting.reset();
    },
    discard(id) {
      if (find(id)?.state !== 'preparing') throw new Error(`campaign ${id} is not preparing`);
      discard(db, writer, id);
    },
    cancel(id, atMs) {
      const cancelled = writer.write(() => {
        setState(id, 'open', 'cancelled');
        return cancelWaiting(db, id, atMs);
      });
      waiting.reset();
      return { cancelled };
    },
    byName(name) {
      const row = byName.get(name);
      return row === undefined ? null : campaignOf(row);
    },
    byId: find,
    withState: list,
    finishDone() {
      const today = dayNumber(parts.clock.now());
      // Today's mail goes on coming.
      const ended = list('open').filter(({ mailDay }) => mailDay === undefined || mailDay < today);
      const done = ended.filter((campaign) => isDone(campaign.id));
      if (done.length > 0) writer.write(() => done.forEach(({ id }) => setState(id, 'open', 'finished')));
      return done.map((campaign) => ({ ...campaign, state: 'finished' }));
    },
  };
}

/** Asks whether nothing of a campaign waits. Remembers how far everything is settled, since that only grows. */
function doneCheck(db: DatabaseSync): (campaignId: number) => boolean {
  const firstWaiting = db.prepare(
    `SELECT message.id AS first_waiting, campaign.last_id
     FROM campaign LEFT JOIN message ON message.id = (
       SELECT m.id FROM message m LEFT JOIN settled ON settled.message_id = m.id
       WHERE m.id BETWEEN max(campaign.first_id, ?) AND campaign.last_id
         AND m.campaign_id = campaign.id AND settled.message_id IS NULL
       ORDER BY m.id LIMIT 1)
     WHERE campaign.id = ?`,
  );
  const settledBelow = new Map<number, number>();
  return (campaignId) => {
    const row = firstWaiting.get(settledBelow.get(campaignId) ?? 0, campaignId);
    if (row === undefined) return false;
    const first = numberOrNull(row, 'first_waiting');
    if (first === null) settledBelow.delete(campaignId);
    else settledBelow.set(campaignId, first);
    return first === null;
  };
}

/** Settles what waits, inside a transaction; gives how many. */
function cancelWaiting(db: DatabaseSync, campaignId: number, atMs: number): number {
  const waiting = `FROM campaign JOIN message ON message.id BETWEEN campaign.first_id AND campaign.last_id
      AND message.campaign_id = campaign.id
    LEFT JOIN settled ON settled.message_id = message.id
    WHERE campaign.id = ? AND settled.message_id IS NULL`;
  db.prepare(
    `INSERT INTO event (message_id, at_ms, kind, rule, confidence)
     SELECT message.id, ?, 'cancelled', 'local:cancelled', 1 ${waiting} ORDER BY message.id`,
  ).run(atMs, campaignId);
  db.prepare(`DELETE FROM waiting WHERE message_id IN (SELECT message.id ${waiting})`).run(campaignId);
  const settled = db.prepare(
    `INSERT INTO settled (message_id, state, at_ms) SELECT message.id, 'cancelled', ? ${waiting} ORDER BY message.id`,
  );
  const cancelled = Number(settled.run(atMs, campaignId).changes);
  // A bounce that came before its delivery was settled has nothing to turn round any more.
  db.prepare(
    `UPDATE returned SET effect = NULL
     WHERE effect = 'pending' AND message_id IN (SELECT message_id FROM settled)`,
  ).run();
  return cancelled;
}

/** Removes the rows in steps; a crash between two leaves a campaign that is `preparing`, which the next open removes. */
function discard(db: DatabaseSync, writer: Writer, campaignId: number): void {
  const ids = `SELECT message.id FROM campaign JOIN message
      ON message.id BETWEEN campaign.first_id AND campaign.last_id AND message.campaign_id = campaign.id
    WHERE campaign.id = ${Math.trunc(campaignId)} ORDER BY message.id LIMIT ${discardedRowsAtOnce}`;
  const steps = [
    `DELETE FROM event WHERE message_id IN (${ids})`,
    `DELETE FROM submission WHERE message_id IN (${ids})`,
    `DELETE FROM settled WHERE message_id IN (${ids})`,
    `DELETE FROM message WHERE id IN (${ids})`,
  ].map((sql) => db.prepare(sql));
  for (;;) {
    const removed = writer.write(() => steps.map((step) => Number(step.run().changes)));
    if (removed.at(-1) === 0) break;
  }
  db.prepare('DELETE FROM campaign WHERE id = ?').run(campaignId);
}
