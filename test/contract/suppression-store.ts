import { describe, expect, test } from 'vitest';
import type { Suppression } from '../../src/contacts/index.ts';
import { openCampaign } from '../support/memory-store.ts';
import type { ContractStore, MakeStore } from './contract-store.ts';
import { recipients, startMs } from './samples.ts';

type Parts = Pick<ContractStore, 'campaigns' | 'delivery' | 'suppressions' | 'why' | 'reports'>;

function suppression(address: string, facts: Partial<Suppression> = {}): Suppression {
  return {
    address,
    scope: 'address',
    list: null,
    reason: 'manual',
    source: 'cli',
    atMs: startMs,
    note: '',
    verdict: null,
    evidence: null,
    untilMs: null,
    ...facts,
  };
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

    test('a domain, and a list, stop what they should and nothing else', () => {
      const { campaigns, suppressions, why } = makeStore();
      suppressions.add([
        suppression('D1.example', { scope: 'domain' }),
        suppression('user0@d0.example', { scope: 'list', list: 'c-1', reason: 'unsubscribed' }),
        suppression('user2@d2.example', { scope: 'list', list: 'another', reason: 'unsubscribed' }),
      ]);
      expect(suppressions.has('anybody@d1.example')).toBe(true);
      expect(suppressions.has('d1.example')).toBe(true);
      expect(suppressions.has('anybody@sub.d1.example')).toBe(false);
      expect(suppressions.has('user0@d0.example')).toBe(false);
      expect(suppressions.has('user0@d0.example', 'c-1')).toBe(true);
      expect(suppressions.find('anybody@d1.example')).toMatchObject([
        { scope: 'domain', address: 'd1.example' },
      ]);
      openCampaign({ campaigns }, recipients(3), { name: 'c-1' });
      openCampaign({ campaigns }, recipients(3, 'other'), { name: 'c-2', list: 'another' });
      openCampaign({ campaigns }, recipients(3), { name: 'c-3', list: 'another' });
      const stateOf = (address: string): unknown => why.messagesOf(address)[0]?.state;
      expect(stateOf('user0@d0.example')).toBe('suppressed');
      expect(stateOf('user1@d1.example')).toBe('suppressed');
      expect(stateOf('user2@d2.example')).toBe('waiting');
      expect(why.messagesOf('user2@d2.example').map(({ list, state }) => [list, state])).toEqual([
        ['c-1', 'waiting'],
        ['another', 'suppressed'],
      ]);
      expect(why.messagesOf('user0@d0.example')[1]?.state).toBe('waiting');
      expect(campaigns.byName('c-3')?.list).toBe('another');
    });

    test('lifting one scope leaves the others; an address does not lift its domain', () => {
      const { suppressions } = makeStore();
      const ofDomain = suppression('d.example', { scope: 'domain' });
      const ofList = suppression('a@d.example', { scope: 'list', list: 'weekly' });
      suppressions.add([ofDomain, ofList, suppression('a@d.example')]);
      const act = {
        address: 'a@d.example',
        reason: null,
        because: 'x',
        source: 'cli',
        atMs: startMs + 1,
      } as const;
      expect(suppressions.remove(act, { scope: 'list', list: 'other' })).toEqual([]);
      expect(suppressions.remove(act, { scope: 'list', list: 'weekly' })).toEqual([ofList]);
      expect(suppressions.remove(act)).toEqual([suppression('a@d.example')]);
      expect(suppressions.find('a@d.example')).toEqual([ofDomain]);
      expect(suppressions.remove({ ...act, address: 'D.example' })).toEqual([ofDomain]);
    });

    test('what has an end counts until then, and gives way to what lasts longer', () => {
      const { suppressions } = makeStore();
      const past = suppression('a@d.example', { reason: 'bounced', untilMs: startMs });
      const week = { ...past, untilMs: startMs + 7, note: 'week' };
      const month = { ...past, untilMs: startMs + 30, note: 'month' };
      const forGood = { ...past, untilMs: null, note: 'for good' };
      expect(suppressions.add([past])).toEqual({ added: 1 });
      expect(suppressions.has('a@d.example')).toBe(false);
      expect(suppressions.count().bounced).toBe(0);
      expect(suppressions.list({ reason: null, cursor: null, limit: 10 }).items).toEqual([]);
      expect(suppressions.add([month])).toEqual({ added: 1 });
      expect(suppressions.add([week])).toEqual({ added: 0 });
      expect(suppressions.find('a@d.example')).toEqual([month]);
      expect(suppressions.add([forGood])).toEqual({ added: 1 });
      expect(suppressions.add([month, forGood])).toEqual({ added: 0 });
      expect(suppressions.find('a@d.example')).toEqual([forGood]);
      expect(suppressions.history('a@d.example').map(({ note, ended }) => [note, ended?.by ?? null])).toEqual(
        [
          ['', 'lapsed'],
          ['month', 'replaced'],
          ['for good', null],
        ],
      );
    });

    test('history for ever: what was, by whom it was lifted and why', () => {
      const { suppressions } = makeStore();
      const first = suppression('a@d.example', { verdict: 'userunknown', evidence: 'attempt:7' });
      suppressions.add([first]);
      const act = {
        address: 'A@d.example',
        reason: null,
        because: 'typo',
        source: 'http',
        atMs: startMs + 5,
      } as const;
      suppressions.remove(act);
      suppressions.add([{ ...first, atMs: startMs + 9, evidence: null }]);
      expect(suppressions.history('a@d.example')).toEqual([
        { ...first, ended: { by: 'lifted', atMs: startMs + 5, because: 'typo', source: 'http' } },
        { ...first, atMs: startMs + 9, evidence: null, ended: null },
      ]);
      expect(suppressions.history('b@d.example')).toEqual([]);
    });

    test('leaves alone what was accepted before', () => {
      const { campaigns, delivery, suppressions } = makeStore();
      openCampaign({ campaigns }, recipients(2));
      suppressions.add([suppression('user0@d0.example')]);
      expect(delivery.waitingCount()).toBe(2);
    });
  });
}
