import { describe, expect, test } from 'vitest';
import type { Suppression } from '../../src/contacts/index.ts';
import { openCampaign } from '../support/memory-store.ts';
import type { ContractStore, MakeStore } from './contract-store.ts';
import { recipients, startMs } from './samples.ts';

type Parts = Pick<ContractStore, 'campaigns' | 'delivery' | 'suppressions' | 'why' | 'reports'>;

function suppression(address: string, facts: Partial<Suppression> = {}): Suppression {
  return { address, reason: 'manual', source: 'cli', atMs: startMs, note: '', ...facts };
}

/** What every SuppressionStore does. */
export function suppressionStoreContract(makeStore: MakeStore<Parts>): void {
  describe('SuppressionStore', () => {
    test('finds an address in any spelling, oldest reason first', () => {
      const { suppressions } = makeStore();
      const bounced = suppression('Taro@Example.jp', {
        reason: 'bounced',
        note: '550 5.1.1',
        atMs: startMs + 1,
      });
      const manual = suppression('taro@example.jp');
      expect(suppressions.add([bounced, manual])).toEqual({ added: 2 });
      expect(suppressions.has('TARO@example.JP')).toBe(true);
      expect(suppressions.has('hanako@example.jp')).toBe(false);
      expect(suppressions.find('taro@example.jp')).toEqual([manual, bounced]);
      expect(suppressions.find('hanako@example.jp')).toEqual([]);
    });

    test('keeps the oldest proof of a reason', () => {
      const { suppressions } = makeStore();
      const first = suppression('a@d.example', { note: 'first' });
      const second = suppression('A@d.example', { note: 'second', atMs: startMs + 1 });
      expect(suppressions.add([first, second])).toEqual({ added: 1 });
      expect(suppressions.add([second])).toEqual({ added: 0 });
      expect(suppressions.find('a@d.example')).toEqual([first]);
    });

    test('lifts one reason or all, and keeps the removal on record', () => {
      const { suppressions } = makeStore();
      const manual = suppression('a@d.example');
      const bounced = suppression('a@d.example', { reason: 'bounced' });
      suppressions.add([manual, bounced, suppression('b@d.example')]);
      const removal = {
        address: 'A@d.example',
        because: 'ticket 12',
        source: 'cli',
        atMs: startMs + 5,
      } as const;
      expect(suppressions.remove({ ...removal, reason: 'bounced' })).toEqual([bounced]);
      expect(suppressions.has('a@d.example')).toBe(true);
      expect(suppressions.remove({ ...removal, reason: null })).toEqual([manual]);
      expect(suppressions.has('a@d.example')).toBe(false);
      expect(suppressions.has('b@d.example')).toBe(true);
      expect(suppressions.remove({ ...removal, reason: null })).toEqual([]);
      expect(suppressions.removals('a@d.example')).toEqual([
        { ...removal, reason: 'bounced' },
        { ...removal, reason: null },
      ]);
    });

    test('lists in pages, in the order of the key, also while rows come and go', () => {
      const { suppressions } = makeStore();
      const addresses = Array.from({ length: 25 }, (_, at) => `U${String(at).padStart(2, '0')}@d.example`);
      suppressions.add(addresses.toReversed().map((address) => suppression(address)));
      suppressions.add([suppression('u00@d.example', { reason: 'complained' })]);
      const first = suppressions.list({ reason: null, cursor: null, limit: 10 });
      expect(first.items).toHaveLength(10);
      expect(first.items.slice(0, 2).map(({ reason }) => reason)).toEqual(['complained', 'manual']);
      suppressions.add([suppression('a-new@d.example')]);
      suppressions.remove({
        address: 'u12@d.example',
        reason: null,
        because: 'x',
        source: 'cli',
        atMs: startMs,
      });
      const second = suppressions.list({ reason: null, cursor: first.next, limit: 10 });
      const third = suppressions.list({ reason: null, cursor: second.next, limit: 10 });
      expect(third.next).toBeNull();
      const all = [...first.items, ...second.items, ...third.items].map(({ address }) => address);
      expect(all).toEqual(['u00@d.example', ...addresses.filter((address) => address !== 'U12@d.example')]);
    });

    test('lists and counts by reason', () => {
      const { suppressions } = makeStore();
      suppressions.add([
        suppression('a@d.example', { reason: 'complained' }),
        suppression('b@d.example'),
        suppression('c@d.example', { reason: 'complained' }),
      ]);
      const { items } = suppressions.list({ reason: 'complained', cursor: null, limit: 1_000 });
      expect(items.map(({ address }) => address)).toEqual(['a@d.example', 'c@d.example']);
      expect(suppressions.count()).toEqual({
        unsubscribed: 0,
        complained: 2,
        bounced: 0,
        manual: 1,
        imported: 0,
      });
    });

    test('answers a cursor that it never gave with one clear line', () => {
      const { suppressions } = makeStore();
      for (const cursor of ['', 'x', 'bnVsbA', 'WzEsMl0']) {
        expect(() => suppressions.list({ reason: null, cursor, limit: 10 })).toThrow('cursor');
      }
    });

    test('cuts notes at 500 characters', () => {
      const { suppressions } = makeStore();
      suppressions.add([suppression('a@d.example', { note: 'あ'.repeat(600) })]);
      expect(suppressions.find('a@d.example')[0]?.note).toBe('あ'.repeat(500));
    });

    test('keeps suppressed recipients from being sent to, and counts them as accepted', () => {
      const { campaigns, delivery, suppressions, why, reports } = makeStore();
      suppressions.add([suppression('USER1@d1.example', { reason: 'unsubscribed' })]);
      const campaign = campaigns.create({
        name: 'c-1',
        content: { from: 'a@s.example', replyTo: null, subject: 's', html: null, text: null, defaults: {} },
        domain: 's.example',
        createdMs: startMs,
        expiresMs: 1_000,
      });
      expect(campaigns.addRecipients(campaign.id, recipients(3))).toEqual({ accepted: 3, suppressed: 1 });
      campaigns.open(campaign.id);
      expect(delivery.queuedPage(0, 10)).toHaveLength(2);
      expect(delivery.waitingCount()).toBe(2);
      expect(reports.ledger()).toMatchObject({ ok: true, total: { accepted: 3, suppressed: 1, waiting: 2 } });
      const [message] = why.messagesOf('user1@d1.example');
      expect(message?.state).toBe('suppressed');
      expect(why.eventsOf(message?.id ?? 0)).toMatchObject([
        { kind: 'suppressed', outcome: null, reading: { detail: 'unsubscribed', rule: 'local:suppressed' } },
      ]);
    });

    test('leaves alone what was accepted before', () => {
      const { campaigns, delivery, suppressions } = makeStore();
      openCampaign({ campaigns }, recipients(2));
      suppressions.add([suppression('user0@d0.example')]);
      expect(delivery.waitingCount()).toBe(2);
    });
  });
}
