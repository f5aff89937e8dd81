import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { openCampaign } from '../../../test/support/memory-store.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { openStore } from './index.ts';
import { deferred, final, recipients, startMs, waitingIds } from '../../../test/contract/samples.ts';

/** Nine messages, a third delivered, a third bounced, a third deferred; then somebody meddles with the file. */
function faultsAfter(meddling: string): readonly string[] {
  const folder = temporaryFolder();
  const clock = new FakeClock(startMs);
  const store = openStore({ folder, clock, create: true });
  openCampaign(store, recipients(9), { name: 'c-1' });
  const ids = waitingIds(store.delivery);
  const settlements = ids.map((id) => {
    if (id % 3 === 0) return deferred(id, 1);
    return final(id, id % 3 === 1 ? 'delivered' : 'bounced');
  });
  store.delivery.commit(settlements, [], []);
  expect(store.reports.ledger()).toMatchObject({ ok: true, faults: [] });
  store.close();
  const db = new DatabaseSync(join(folder, 'todoku.db'), { enableForeignKeyConstraints: false });
  db.exec(meddling);
  db.close();
  const reader = openStore({ folder, clock, mode: 'read' });
  const ledger = reader.reports.ledger();
  reader.close();
  expect(ledger.ok).toBe(ledger.faults.length === 0);
  return ledger.faults;
}

const cases: readonly (readonly [string, string, string])[] = [
  ['a message is gone', 'DELETE FROM message WHERE id = 9', 'c-1: 9 messages were accepted, 8 are there'],
  [
    'a message came from nowhere',
    `INSERT INTO message (id, campaign_id, domain_id, address, address_tag, variables)
     SELECT 99, campaign_id, domain_id, address, address_tag, variables FROM message WHERE id = 1`,
    '1 messages belong to no campaign',
  ],
  [
    'a final state is gone',
    'DELETE FROM settled WHERE message_id = 1',
    '1 deliveries are not in the final state of their message',
  ],
  [
    'a bounce lost its final state',
    'DELETE FROM settled WHERE message_id = 2',
    '1 messages were tried, are not final and do not say why they wait',
  ],
  [
    'a final state belongs to no message',
    `INSERT INTO settled VALUES (77, 'delivered', 1)`,
    '1 final states belong to no message',
  ],
  [
    'delivered without a delivery',
    `UPDATE settled SET state = 'delivered' WHERE message_id = 2`,
    '1 messages have a final state that contradicts the last thing that happened to them',
  ],
  [
    'a final state without any event',
    'DELETE FROM event WHERE message_id = 2',
    '1 messages have a final state that contradicts the last thing that happened to them',
  ],
  [
    'a state that does not exist',
    `UPDATE settled SET state = 'lost' WHERE message_id = 2`,
    'c-1: accepted 9 is not final 5 + waiting 3',
  ],
  [
    'delivered twice',
    `INSERT INTO event (message_id, at_ms, kind, outcome, confidence) VALUES (1, 2, 'attempted', 'delivered', 1)`,
    '1 messages were delivered more than once',
  ],
  [
    'final and waiting',
    `INSERT INTO waiting VALUES (1, 'retry', 5, 1, 0)`,
    '1 messages wait although they are final',
  ],
  [
    'a wait without a message',
    `INSERT INTO waiting VALUES (77, 'retry', 5, 1, 0)`,
    '1 waits belong to no message',
  ],
  [
    'a wait without an end',
    'UPDATE waiting SET until_ms = 0 WHERE message_id = 3',
    '1 messages wait without a reason or an end',
  ],
  [
    'a wait without a reason',
    `UPDATE waiting SET because = '' WHERE message_id = 3`,
    '1 messages wait without a reason or an end',
  ],
  [
    'a finished campaign with waiting messages',
    `UPDATE campaign SET state = 'finished'`,
    'c-1: the campaign is finished and 3 of its messages wait',
  ],
];

test.each(cases)('the ledger tells when %s', (_, meddling, fault) => {
  expect(faultsAfter(meddling)).toContain(fault);
});

test('the ledger finds nothing when nobody meddled', () => {
  expect(faultsAfter('')).toEqual([]);
});
