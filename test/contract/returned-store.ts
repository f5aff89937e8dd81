import { describe, expect, test } from 'vitest';
import type { ReturnedEvent } from '../../src/events/index.ts';
import { openCampaign } from '../support/memory-store.ts';
import type { ContractStore, MakeStore } from './contract-store.ts';
import { attempt, bounce, deferred, final, recipients, startMs, waitingIds } from './samples.ts';

const dayMs = 86_400_000;

/** What every ReturnedStore does to history, state and suppression. */
export function returnedStoreContract(makeStore: MakeStore<ContractStore>): void {
  const world = (
    count = 4,
  ): ContractStore & { readonly ids: readonly number[]; state(id: number): unknown } => {
    const store = makeStore();
    openCampaign(store, recipients(count), { name: 'c-1' });
    const ids = waitingIds(store.delivery);
    const state = (id: number): unknown => store.why.messageByKey('c-1', id)?.state;
    return { ...store, ids, state };
  };
  const deliver = ({ delivery }: ContractStore, id: number): unknown =>
    delivery.commit([final(id, 'delivered')], [], []);

  describe('ReturnedStore', () => {
    test('a trusted late bounce turns delivered into bounced, and the ledger stays true', () => {
      const store = world();
      const [id = 0] = store.ids;
      deliver(store, id);
      expect(store.returned.take([bounce(id)])).toEqual({ taken: 1, duplicates: 0, unmatched: 0 });
      expect(store.state(id)).toBe('bounced');
      expect(store.why.returnedOf(id)).toEqual([bounce(id)]);
      expect(store.reports.ledger()).toMatchObject({
        ok: true,
        total: { accepted: 4, delivered: 0, bounced: 1, waiting: 3 },
      });
      expect(store.reports.topReasons(1, 5)).toMatchObject([
        { state: 'bounced', verdict: 'userunknown', count: 1 },
      ]);
      expect(store.suppressions.find('user0@d0.example')).toMatchObject([
        {
          reason: 'bounced',
          verdict: 'userunknown',
          source: `message:${id}`,
          evidence: 'returned:1',
          untilMs: null,
        },
      ]);
    });

    test('the same mail twice is one event, also in one batch and for each recipient', () => {
      const store = world();
      const [id = 0] = store.ids;
      deliver(store, id);
      const other = bounce(id, { recipient: 'forward@elsewhere.example' });
      expect(store.returned.take([bounce(id), bounce(id), other])).toEqual({
        taken: 2,
        duplicates: 1,
        unmatched: 0,
      });
      expect(store.returned.take([bounce(id)])).toEqual({ taken: 0, duplicates: 1, unmatched: 0 });
      expect(store.why.returnedOf(id)).toHaveLength(2);
      expect(store.reports.ledger().ok).toBe(true);
    });

    test('nothing that is not trusted changes a state or suppresses anybody', () => {
      const store = world();
      const [id = 0] = store.ids;
      deliver(store, id);
      const forged = [bounce(id), bounce(id, { kind: 'complained', digest: 'x', feedbackType: 'abuse' })].map(
        (news): ReturnedEvent => ({ ...news, trusted: false }),
      );
      expect(store.returned.take(forged)).toMatchObject({ taken: 2 });
      expect(store.state(id)).toBe('delivered');
      expect(store.suppressions.find('user0@d0.example')).toEqual([]);
      expect(store.why.returnedOf(id)).toEqual(forged);
      expect(store.reports.ledger().ok).toBe(true);
    });

    test('a mail that could not be proved at first is news once it is', () => {
      const store = world();
      const [id = 0] = store.ids;
      deliver(store, id);
      const stray = { messageId: null, matchedBy: null, trusted: false } as const;
      expect(store.returned.take([bounce(id, stray)])).toMatchObject({ unmatched: 1 });
      expect(store.returned.take([bounce(id), bounce(id, stray)])).toEqual({
        taken: 1,
        duplicates: 1,
        unmatched: 0,
      });
      expect(store.state(id)).toBe('bounced');
      expect(store.returned.take([bounce(id)])).toMatchObject({ duplicates: 1 });
      expect(store.reports.ledger().ok).toBe(true);
    });

    test('whoever writes a thousand times about a message is heard a few times, and hides no proof', () => {
      const store = world();
      const [id = 0, other = 0] = store.ids;
      deliver(store, id);
      deliver(store, other);
      const kinds = ['bounced-later', 'complained', 'delay-notice', 'answered', 'auto-replied'] as const;
      const flood = kinds.flatMap((kind) =>
        Array.from({ length: 1_000 }, (_, nth) =>
          bounce(id, { kind, digest: `flood${nth}`, trusted: false, matchedBy: 'message-id' }),
        ),
      );
      expect(store.returned.take([bounce(id), ...flood])).toMatchObject({ taken: 16, duplicates: 4_985 });
      const about = store.why.returnedOf(id);
      expect(about.filter(({ trusted }) => trusted)).toEqual([bounce(id)]);
      const ownFlood = Array.from({ length: 1_000 }, (_, nth) =>
        bounce(other, { kind: 'delay-notice', digest: `own${nth}` }),
      );
      expect(store.returned.take([...ownFlood, bounce(other, { digest: 'real' })])).toMatchObject({
        taken: 21,
      });
      expect(store.state(other)).toBe('bounced');
      expect(store.reports.ledger().ok).toBe(true);
    });

    test('delays, replies and notices of delivery change nothing; a complaint leaves delivered', () => {
      const store = world();
      const [id = 0] = store.ids;
      deliver(store, id);
      for (const kind of ['delay-notice', 'auto-replied', 'answered', 'delivery-notice'] as const)
        store.returned.take([bounce(id, { kind })]);
      expect(store.suppressions.count().bounced).toBe(0);
      store.returned.take([bounce(id, { kind: 'complained', feedbackType: 'abuse', hardBounce: false })]);
      expect(store.state(id)).toBe('delivered');
      expect(store.suppressions.find('user0@d0.example')).toMatchObject([{ reason: 'complained' }]);
      expect(store.why.returnedOf(id)).toHaveLength(5);
      expect(store.reports.ledger().ok).toBe(true);
    });

    test('a bounce that was faster than our own record of the delivery', () => {
      const store = world();
      const [id = 0] = store.ids;
      store.returned.take([bounce(id, { atMs: startMs + 1_000 })]);
      expect(store.state(id)).toBe('waiting');
      expect(store.reports.ledger()).toMatchObject({ ok: true, total: { waiting: 4 } });
      deliver(store, id);
      expect(store.state(id)).toBe('bounced');
      expect(store.delivery.waitingCount()).toBe(3);
      expect(store.reports.ledger()).toMatchObject({ ok: true, total: { delivered: 0, bounced: 1 } });
    });

    test('a bounce of an earlier try does not undo a later delivery', () => {
      const store = world();
      const [id = 0] = store.ids;
      store.delivery.commit([deferred(id, 1)], [], []);
      store.returned.take([bounce(id, { atMs: startMs })]);
      deliver(store, id);
      expect(store.state(id)).toBe('delivered');
      expect(store.reports.ledger().ok).toBe(true);
    });

    test.each(['bounced', 'expired'] as const)('a bounce of a message that is %s already', (state) => {
      const store = world();
      const [id = 0] = store.ids;
      store.returned.take([bounce(id, { digest: 'early' })]);
      store.delivery.commit([final(id, state)], [], []);
      store.returned.take([bounce(id)]);
      expect(store.state(id)).toBe(state);
      expect(store.why.returnedOf(id)).toHaveLength(2);
      expect(store.reports.ledger().ok).toBe(true);
    });

    test('a bounce before and after its campaign was cancelled', () => {
      const store = world();
      const [id = 0] = store.ids;
      store.returned.take([bounce(id, { digest: 'early' })]);
      store.campaigns.cancel(1, startMs);
      store.returned.take([bounce(id)]);
      expect(store.state(id)).toBe('cancelled');
      expect(store.reports.ledger()).toMatchObject({ ok: true, total: { cancelled: 4 } });
    });

    test('what matches no message is kept, and proves nothing', () => {
      const store = world();
      const stray = bounce(4_711);
      const unknown = bounce(0, { messageId: null, matchedBy: null, digest: 'other', trusted: false });
      expect(store.returned.take([stray, unknown])).toEqual({ taken: 2, duplicates: 0, unmatched: 2 });
      expect(store.suppressions.count().bounced).toBe(0);
      expect(store.why.returnedOf(4_711)).toEqual([]);
    });

    test('whatever bytes a stranger put into it come back, cut to size', () => {
      const store = world();
      const [id = 0] = store.ids;
      const said = `\0\uD800${'x'.repeat(5_000)}`;
      store.returned.take([
        bounce(id, { said, recipient: `a\0${'b'.repeat(999)}`, remoteHost: '\uDFFF', status: '' }),
      ]);
      expect(store.why.returnedOf(id)).toMatchObject([
        {
          said: said.slice(0, 1_000),
          recipient: `a\uFFFD${'b'.repeat(318)}`,
          remoteHost: '\uFFFD',
          status: '',
        },
      ]);
    });
  });

  describe('suppression by policy', () => {
    test('what the receiver refuses for good during delivery suppresses in the same transaction', () => {
      const store = world();
      const [one = 0, two = 0, three = 0] = store.ids;
      const refusal = attempt(one, 'refused');
      const hard = { ...refusal, reading: { ...refusal.reading, hardBounce: true } };
      const blocked = { verdict: 'blocked', detail: null, rule: 'r', confidence: 1, hardBounce: true };
      const next = { state: 'bounced' } as const;
      store.delivery.commit(
        [
          { event: hard, next },
          { event: { ...attempt(two, 'refused'), reading: blocked }, next },
          { event: { ...hard, messageId: three }, next: deferred(three, 1).next },
        ],
        [],
        [],
      );
      expect(store.suppressions.list({ reason: null, cursor: null, limit: 9 }).items).toMatchObject([
        {
          address: 'user0@d0.example',
          reason: 'bounced',
          verdict: 'userunknown',
          evidence: 'attempt:1',
          note: '550 5.1.1 No such user here',
        },
      ]);
    });

    test('full mailboxes: the fifth in a row, then for 30 days; a delivery ends the row', () => {
      const store = makeStore();
      const full = { verdict: 'mailboxfull', detail: null, rule: 'r', confidence: 1 };
      const send = (nth: number, state: 'bounced' | 'delivered'): void => {
        openCampaign(store, recipients(1), { name: `c-${nth}` });
        const [id = 0] = waitingIds(store.delivery);
        const { event } = final(id, state);
        const atMs = startMs + nth * dayMs;
        const reading = state === 'bounced' ? full : event.reading;
        store.delivery.commit([{ event: { ...event, atMs, reading }, next: { state } }], [], []);
      };
      for (const nth of [1, 2, 3, 4]) send(nth, 'bounced');
      send(5, 'delivered');
      for (const nth of [6, 7, 8, 9]) send(nth, 'bounced');
      expect(store.suppressions.find('user0@d0.example')).toEqual([]);
      send(10, 'bounced');
      expect(store.suppressions.find('user0@d0.example')).toMatchObject([
        { reason: 'bounced', verdict: 'mailboxfull', untilMs: startMs + 40 * dayMs },
      ]);
      expect(store.reports.ledger().ok).toBe(true);
    });

    test('failures outside the window do not count', () => {
      const store = makeStore();
      for (const nth of [0, 1, 2, 3, 34]) {
        openCampaign(store, recipients(1), { name: `c-${nth}` });
        const [id = 0] = waitingIds(store.delivery);
        deliver(store, id);
        const atMs = startMs + nth * dayMs;
        const reading = { verdict: 'mailboxfull', detail: null, rule: 'r', confidence: 1 };
        store.returned.take([bounce(id, { digest: `d${nth}`, atMs, reading, hardBounce: false })]);
      }
      expect(store.suppressions.find('user0@d0.example')).toEqual([]);
    });

    test('what somebody lifted stays lifted for older news, and comes back with newer', () => {
      const store = world();
      const [id = 0] = store.ids;
      deliver(store, id);
      store.returned.take([bounce(id)]);
      const lifting = { address: 'user0@d0.example', reason: null, because: 'typo', source: 'cli' } as const;
      store.suppressions.remove({ ...lifting, atMs: startMs + 5_000 });
      store.returned.take([bounce(id, { digest: 'straggler', atMs: startMs + 9_000 })]);
      expect(store.suppressions.has('user0@d0.example')).toBe(false);
      openCampaign(store, recipients(1), { name: 'c-2' });
      const [next = 0] = waitingIds(store.delivery).slice(-1);
      const { event } = final(next, 'delivered');
      store.delivery.commit(
        [{ event: { ...event, atMs: startMs + 6_000 }, next: { state: 'delivered' } }],
        [],
        [],
      );
      store.returned.take([bounce(next, { digest: 'new', atMs: startMs + 9_000 })]);
      expect(store.suppressions.has('user0@d0.example')).toBe(true);
    });
  });
}
