import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PathHold, Settlement } from '../../src/delivery/index.ts';
import { openCampaign } from '../support/memory-store.ts';
import type { ContractStore, MakeStore } from './contract-store.ts';
import { anyOutcome, anyReading } from './outcome-arbitrary.ts';
import { attempt, deferred, final, recipients, startMs, waitingIds } from './samples.ts';

type Parts = Pick<ContractStore, 'campaigns' | 'delivery' | 'why' | 'reports'>;

const hold: PathHold = {
  site: 'mx1.d0.example',
  domain: 'd0.example',
  source: '192.0.2.9',
  because: 'throttled',
  detail: '421 4.7.0 too fast',
  untilMs: startMs + 300_000,
};

/** What every WhyStore does, and the counts beside it. */
export function whyStoreContract(makeStore: MakeStore<Parts>): void {
  describe('WhyStore', () => {
    test('finds the messages to an address in any case, oldest first, not those in preparation', () => {
      const { campaigns, delivery, why } = makeStore();
      openCampaign({ campaigns }, recipients(3), { name: 'c-1', createdMs: startMs, expiresMs: 1_000 });
      const second = openCampaign({ campaigns }, recipients(3, 'USER'), { name: 'c-2' });
      const hidden = campaigns.create({ ...second, name: 'c-3' });
      campaigns.addRecipients(hidden.id, recipients(3));
      const [one = 0] = waitingIds(delivery);
      delivery.commit([final(one, 'delivered')], [], []);
      const found = why.messagesOf('UsEr0@D0.example');
      expect(found.map(({ campaign, state }) => [campaign, state])).toEqual([
        ['c-1', 'delivered'],
        ['c-2', 'waiting'],
      ]);
      expect(found[0]).toEqual({
        id: one,
        campaign: 'c-1',
        list: 'c-1',
        campaignOpen: true,
        senderDomain: 'sender.example',
        address: 'user0@d0.example',
        domain: 'd0.example',
        state: 'delivered',
        sending: { stream: 'bulk', window: null, timezone: null, recipientTimezone: null },
        acceptedMs: startMs,
        expiresMs: startMs + 1_000,
      });
      expect(why.messagesOf('nobody@d0.example')).toEqual([]);
    });

    test('gives the newest 100 messages to an address, oldest of them first', () => {
      const { campaigns, why } = makeStore();
      const same = Array.from(
        { length: 130 },
        () => recipients(1)[0] ?? { address: '', domain: '', variables: {} },
      );
      openCampaign({ campaigns }, same);
      const ids = why.messagesOf('user0@d0.example').map(({ id }) => id);
      expect(ids).toHaveLength(100);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(ids.at(-1)).toBe(130);
    });

    test('finds one message by campaign and id, and not under another campaign', () => {
      const { campaigns, why } = makeStore();
      openCampaign({ campaigns }, recipients(2), { name: 'c-1' });
      openCampaign({ campaigns }, recipients(2), { name: 'c-2' });
      const [one] = why.messagesOf('user0@d0.example');
      const id = one?.id ?? 0;
      expect(why.messageByKey('c-1', id)).toEqual(one);
      expect(why.messageById(id)).toEqual(one);
      expect(why.messageById(4_711)).toBeNull();
      expect(why.messageByKey('c-2', id)).toBeNull();
      expect(why.messageByKey('c-1', 4_711)).toBeNull();
    });

    test('gives every event back as it was committed', () => {
      const { campaigns, delivery, why } = makeStore();
      const { id: campaignId } = openCampaign({ campaigns }, recipients(1));
      const [id = 0] = waitingIds(delivery);
      const committed: Settlement['event'][] = [];
      fc.assert(
        fc.property(anyOutcome, anyReading, (outcome, reading) => {
          const event = {
            messageId: id,
            atMs: startMs + committed.length,
            kind: 'attempted',
            outcome,
            reading,
          } as const;
          const waiting = { because: 'retry', untilMs: startMs };
          delivery.commit([{ event, next: { state: 'waiting', waiting, attempts: 1, unknowns: 0 } }], [], []);
          committed.push(event);
          expect(why.eventsOf(id).at(-1)).toEqual(event);
        }),
        { numRuns: 300 },
      );
      expect(why.eventsOf(id)).toEqual(committed);
      expect(campaigns.cancel(campaignId, startMs)).toEqual({ cancelled: 1 });
      expect(why.eventsOf(id).at(-1)).toMatchObject({ kind: 'cancelled', atMs: startMs, outcome: null });
      expect(why.eventsOf(4_711)).toEqual([]);
    });

    test('cuts what a stranger said at 1,000 characters', () => {
      const { campaigns, delivery, why } = makeStore();
      openCampaign({ campaigns }, recipients(2));
      const [one = 0, two = 0] = waitingIds(delivery);
      const long = attempt(one, 'refused');
      const many = attempt(two, 'refused');
      if (long.outcome?.origin !== 'remote' || many.outcome?.origin !== 'remote')
        throw new Error('not remote');
      const spoken = (lines: readonly string[]) => ({ code: 550, status: null, lines });
      const next = { state: 'bounced' } as const;
      delivery.commit(
        [
          { event: { ...long, outcome: { ...long.outcome, reply: spoken(['a'.repeat(5_000), 'b']) } }, next },
          { event: { ...many, outcome: { ...many.outcome, reply: spoken(Array(5_000).fill('')) } }, next },
        ],
        [],
        [],
      );
      const lines = (id: number): readonly string[] => {
        const outcome = why.eventsOf(id)[0]?.outcome;
        return outcome?.origin === 'remote' ? outcome.reply.lines : [];
      };
      expect(lines(one)).toEqual(['a'.repeat(1_000)]);
      expect(lines(two)).toHaveLength(1_000);
    });

    test('says why and until when a message waits that was tried', () => {
      const { campaigns, delivery, why } = makeStore();
      openCampaign({ campaigns }, recipients(2));
      const [one = 0, two = 0] = waitingIds(delivery);
      delivery.commit([deferred(one, 1, startMs + 60_000)], [], []);
      expect(why.waitingOf(one)).toEqual({ because: 'retry', untilMs: startMs + 60_000 });
      expect(why.waitingOf(two)).toBeNull();
      delivery.commit([final(one, 'expired')], [], []);
      expect(why.waitingOf(one)).toBeNull();
    });

    test('shows holds until they are released', () => {
      const { delivery, why } = makeStore();
      const other = { ...hold, source: null, because: 'unreachable' };
      delivery.commit([], [hold, other], []);
      expect(why.holdsFor('d0.example')).toHaveLength(2);
      expect(why.holdsFor('d0.example')).toEqual(expect.arrayContaining([hold, other]));
      const longer = { ...hold, untilMs: hold.untilMs + 1, detail: 'again' };
      delivery.commit([], [longer], []);
      expect(why.holdsFor('d0.example')).toEqual(expect.arrayContaining([longer, other]));
      delivery.commit([], [], [hold]);
      expect(why.holdsFor('d0.example')).toEqual([other]);
      expect(why.holdsFor('d1.example')).toEqual([]);
    });

    test('counts by domain, state and verdict, and names the top reasons', () => {
      const { campaigns, delivery, reports } = makeStore();
      const { id } = openCampaign({ campaigns }, recipients(9));
      openCampaign({ campaigns }, recipients(2, 'other'), { name: 'c-other' });
      const ids = waitingIds(delivery);
      delivery.commit(
        ids.slice(0, 3).map((each) => final(each, 'bounced')),
        [],
        [],
      );
      delivery.commit(
        ids.slice(3, 5).map((each) => deferred(each, 1)),
        [],
        [],
      );
      delivery.commit([final(ids[3] ?? 0, 'delivered')], [], []);
      const counts = reports.outcomeCounts(id);
      expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(9);
      expect(counts[0]).toEqual({ domain: 'd2.example', state: 'waiting', verdict: null, count: 2 });
      expect(counts).toContainEqual({ domain: 'd0.example', state: 'delivered', verdict: null, count: 1 });
      expect(counts).toContainEqual({
        domain: 'd1.example',
        state: 'waiting',
        verdict: 'speeding',
        count: 1,
      });
      expect(reports.topReasons(id, 10)).toEqual([
        {
          state: 'bounced',
          verdict: 'userunknown',
          detail: null,
          count: 3,
          example: { messageId: ids[0], address: 'user0@d0.example' },
        },
        {
          state: 'waiting',
          verdict: 'speeding',
          detail: null,
          count: 1,
          example: { messageId: ids[4], address: 'user4@d1.example' },
        },
      ]);
      expect(reports.topReasons(id, 1)).toHaveLength(1);
    });
  });
}
