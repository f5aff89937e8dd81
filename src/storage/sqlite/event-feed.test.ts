import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { closedAfter } from '../../../test/contract/contract-store.ts';
import { attempt, bounce, deferred, final, recipients, startMs } from '../../../test/contract/samples.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { openCampaign } from '../../../test/support/memory-store.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { beginning, parsePosition, positionText } from '../../webhooks/index.ts';
import type { EventFilter, FeedEvent } from '../../webhooks/index.ts';
import { webhooks } from './migrations/0010-webhooks.ts';
import { openStore } from './open-store.ts';
import type { Store } from './store.ts';

const all: EventFilter = { domains: null, types: null };

function freshStore(): Store {
  return closedAfter(openStore({ folder: temporaryFolder(), clock: new FakeClock(startMs), create: true }));
}

/** Everything, read in pages of `size`. */
function readAll(store: Store, filter = all, size = 3): readonly FeedEvent[] {
  const events: FeedEvent[] = [];
  for (let after = beginning, more = true; more;) {
    const page = store.events.page(filter, after, size);
    expect(page.events.length).toBeLessThanOrEqual(size);
    events.push(...page.events);
    [after, more] = [page.last, page.more];
  }
  return events;
}

function told(events: readonly FeedEvent[]): readonly string[] {
  return events.map(({ type, messageId }) => `${messageId} ${type.replace('message.', '')}`);
}

describe('the feed', () => {
  test('tells everything in the order in which it was put on record', () => {
    const store = freshStore();
    store.suppressions.add([
      { address: 'user2@d2.example', reason: 'manual', source: 'test', atMs: startMs, note: '' },
    ]);
    openCampaign(store, recipients(5), { name: 'c-1' });
    store.delivery.commit([deferred(2, 1), final(1, 'delivered')], [], []);
    store.delivery.commit([final(2, 'bounced'), final(4, 'expired')], [], []);
    store.returned.take([bounce(1)]);
    store.returned.take([bounce(2, { kind: 'complained', digest: 'other', feedbackType: 'abuse' })]);
    store.suppressions.add([
      { address: 'x@y.example', reason: 'unsubscribed', source: 'message:5', atMs: startMs + 9, note: '' },
    ]);
    const campaign = store.campaigns.byName('c-1');
    store.campaigns.cancel(campaign?.id ?? 0, startMs + 10);
    expect(told(readAll(store))).toEqual([
      '1 accepted',
      '2 accepted',
      '3 accepted',
      '3 suppressed',
      '4 accepted',
      '5 accepted',
      '2 deferred',
      '1 delivered',
      '2 bounced',
      '4 expired',
      '1 bounced_later',
      '2 complained',
      '5 unsubscribed',
      '5 cancelled',
    ]);
    expect(readAll(store, all, 100)).toEqual(readAll(store, all, 1));
  });

  test('an event has what was learnt, and can be found by its id', () => {
    const store = freshStore();
    openCampaign(store, recipients(1), { name: 'c-0123456789-abcde' });
    store.delivery.commit([final(1, 'bounced')], [], []);
    const event = readAll(store)[1];
    expect(event).toMatchObject({
      type: 'message.bounced',
      message: 'c-0123456789-abcde.1',
      campaign: 'c-0123456789-abcde',
      mail: null,
      recipient: 'user0@d0.example',
      facts: { replyCode: 550, status: '5.1.1', said: '5.1.1 No such user here', verdict: 'userunknown' },
    });
    for (const each of readAll(store)) {
      expect(store.events.find(parsePosition(positionText(each.position)) ?? beginning)).toEqual(each);
    }
    expect(store.events.find({ seq: 99, within: null })).toBeNull();
    expect(store.events.find({ seq: 1, within: 99 })).toBeNull();
  });

  test('what a refused attempt was does not change with what comes later', () => {
    const store = freshStore();
    openCampaign(store, recipients(1), { name: 'c-1' });
    const kept = { event: attempt(1, 'refused'), next: deferred(1, 1).next };
    store.delivery.commit([kept], [], []);
    const early = readAll(store);
    store.delivery.commit([final(1, 'bounced')], [], []);
    expect(told(early)).toEqual(['1 accepted', '1 deferred']);
    expect(told(readAll(store))).toEqual(['1 accepted', '1 deferred', '1 bounced']);
    expect(readAll(store).slice(0, 2)).toEqual(early);
  });

  test('a bounce that was faster than our own record is told behind the delivery', () => {
    const store = freshStore();
    openCampaign(store, recipients(2), { name: 'c-1' });
    store.returned.take([bounce(1), bounce(2, { digest: 'second' })]);
    expect(told(readAll(store))).toEqual(['1 accepted', '2 accepted']);
    store.delivery.commit([final(1, 'delivered')], [], []);
    // It bounced here too: what came back was about an earlier try.
    store.delivery.commit([final(2, 'bounced')], [], []);
    expect(told(readAll(store)).slice(2)).toEqual(['1 delivered', '1 bounced_later', '2 bounced']);
  });

  test('what nothing proves is not told', () => {
    const store = freshStore();
    openCampaign(store, recipients(1), { name: 'c-1' });
    store.delivery.commit([final(1, 'delivered')], [], []);
    store.returned.take([bounce(1, { trusted: false }), bounce(1, { kind: 'auto-replied', digest: '2' })]);
    expect(told(readAll(store))).toEqual(['1 accepted', '1 delivered']);
  });

  test('a campaign that is being prepared is told when it opens, and never when it is discarded', () => {
    const store = freshStore();
    store.suppressions.add([
      { address: 'user0@d0.example', reason: 'manual', source: 'test', atMs: startMs, note: '' },
    ]);
    const facts = {
      content: { from: 'a@b.example', replyTo: null, subject: 's', html: 'h', text: null, requireTls: false },
      domain: 'b.example',
      createdMs: startMs,
      expiresMs: 1_000,
    };
    const gone = store.campaigns.create({ ...facts, name: 'c-gone' } as never);
    store.campaigns.addRecipients(gone.id, recipients(2));
    expect(store.events.head()).toEqual({ seq: 0, within: null });
    store.campaigns.discard(gone.id);
    openCampaign(store, recipients(2), { name: 'c-1' });
    expect(told(readAll(store))).toEqual(['1 accepted', '1 suppressed', '2 accepted']);
  });

  test('a filter leaves out other domains and types, and goes on behind what it left out', () => {
    const store = freshStore();
    openCampaign(store, recipients(300), { name: 'c-1', domain: 'one.example' });
    openCampaign(store, recipients(2), { name: 'c-2', domain: 'two.example' });
    store.delivery.commit([final(1, 'delivered'), final(301, 'delivered')], [], []);
    expect(told(readAll(store, { domains: ['two.example'], types: null }))).toEqual([
      '301 accepted',
      '302 accepted',
      '301 delivered',
    ]);
    expect(told(readAll(store, { domains: null, types: ['message.delivered'] }))).toEqual([
      '1 delivered',
      '301 delivered',
    ]);
    expect(readAll(store, { domains: [], types: null })).toEqual([]);
  });

  test('the place of a time is found', () => {
    const store = freshStore();
    openCampaign(store, recipients(3), { name: 'c-1' });
    for (const id of [1, 2, 3]) {
      const settlement = final(id, 'delivered');
      const event = { ...settlement.event, atMs: startMs + id * 1_000 };
      store.delivery.commit([{ ...settlement, event }], [], []);
    }
    const from = store.events.since(startMs + 2_000);
    expect(told(store.events.page(all, from, 10).events)).toEqual(['2 delivered', '3 delivered']);
    expect(store.events.since(startMs + 9_000)).toEqual(store.events.head());
    expect(store.events.since(0)).toEqual(beginning);
  });

  test('whoever waits for news is called after the commit, until it has enough', () => {
    const store = freshStore();
    const heads: number[] = [];
    const end = store.events.onNews(() => heads.push(store.events.head().seq));
    openCampaign(store, recipients(1), { name: 'c-1' });
    expect(heads.at(-1)).toBe(1);
    store.delivery.commit([final(1, 'delivered')], [], []);
    expect(heads.at(-1)).toBe(2);
    const calls = heads.length;
    end();
    store.delivery.commit([final(1, 'delivered')], [], []);
    expect(heads).toHaveLength(calls);
  });

  test('what was on record before there was a feed is in it', () => {
    const folder = temporaryFolder();
    const clock = new FakeClock(startMs);
    const store = closedAfter(openStore({ folder, clock, create: true }));
    store.suppressions.add([
      { address: 'user2@d2.example', reason: 'manual', source: 'test', atMs: startMs, note: '' },
    ]);
    openCampaign(store, recipients(4), { name: 'c-1' });
    store.delivery.commit([deferred(1, 1)], [], []);
    store.delivery.commit([final(1, 'delivered'), final(2, 'bounced')], [], []);
    store.returned.take([bounce(1), bounce(4, { digest: 'pending' })]);
    const before = told(readAll(store));
    store.close();
    makeFeedAgain(folder);
    const again = closedAfter(openStore({ folder, clock }));
    expect(told(readAll(again))).toEqual(before);
    again.delivery.commit([final(4, 'delivered')], [], []);
    expect(told(readAll(again)).slice(before.length)).toEqual(['4 delivered', '4 bounced_later']);
  });
});

/** Takes away everything that the migration made, and makes it anew from what is on record. */
function makeFeedAgain(folder: string): void {
  const db = new DatabaseSync(join(folder, 'todoku.db'));
  const triggers = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${String(name)}`);
  for (const table of ['feed', 'feed_pending', 'webhook_delivery', 'webhook']) db.exec(`DROP TABLE ${table}`);
  db.exec(webhooks.sql);
  db.close();
}
