import { describe, expect, test } from 'vitest';
import type { Failure, FailureFilter, ProviderOf } from '../../src/delivery/index.ts';
import { openCampaign } from '../support/memory-store.ts';
import type { ContractStore, MakeStore } from './contract-store.ts';
import { attempt, bounce, deferred, final, recipients, startMs, waitingIds } from './samples.ts';

const everything: FailureFilter = {
  address: null,
  domain: null,
  provider: null,
  verdict: null,
  campaignId: null,
  sinceMs: null,
  untilMs: null,
  kinds: [],
  unproved: false,
};

// Hosts say more than domains: d2 lives at a host of its own, the others are known by their names.
const providerOf: ProviderOf = ({ mxHost, domain }) => {
  if (mxHost === 'mx.big.example') return 'big';
  return domain === 'd0.example' ? 'small' : null;
};

/** Six messages of two campaigns: refused, put off, refused elsewhere, expired, bounced later, delivered. */
function history(makeStore: MakeStore<ContractStore>) {
  const store = makeStore();
  const first = openCampaign(store, recipients(3), { name: 'c-1' });
  const second = openCampaign(store, recipients(3, 'other'), { name: 'c-2' });
  const [one = 0, two = 0, three = 0, four = 0, five = 0, six = 0] = waitingIds(store.delivery);
  const refused = attempt(three, 'refused');
  if (refused.outcome === null) throw new Error('no outcome');
  const elsewhere = { ...refused.outcome, host: 'mx.big.example' };
  store.delivery.commit(
    [
      final(one, 'bounced'),
      deferred(two, 1),
      { event: { ...refused, outcome: elsewhere }, next: { state: 'bounced' } },
    ],
    [],
    [],
  );
  store.delivery.commit([final(four, 'expired'), final(five, 'delivered'), final(six, 'delivered')], [], []);
  store.returned.take([
    bounce(five, { atMs: startMs + 86_400_000, recipient: 'other1@d1.example' }),
    bounce(six, { kind: 'delay-notice', atMs: startMs + 500, recipient: 'other2@d2.example' }),
    bounce(six, { kind: 'auto-replied', recipient: 'other2@d2.example' }),
    bounce(six, { digest: 'forged', trusted: false, recipient: 'other2@d2.example' }),
    bounce(0, {
      messageId: null,
      matchedBy: null,
      digest: 'stray',
      trusted: false,
      recipient: 'who@d0.example',
    }),
  ]);
  const read = (filter: Partial<FailureFilter>): readonly Failure[] =>
    store.failures.page({ ...everything, ...filter }, { cursor: null, limit: 100, providerOf }).items;
  const kinds = (filter: Partial<FailureFilter>): unknown => read(filter).map(({ kind }) => kind);
  return { store, read, kinds, first, second, ids: [one, two, three, four, five, six] };
}

/** What every FailureStore does. */
export function failureStoreContract(makeStore: MakeStore<ContractStore>): void {
  describe('FailureStore', () => {
    test('everything that went wrong, newest first, and nothing else', () => {
      const { kinds, read, ids } = history(makeStore);
      expect(kinds({})).toEqual([
        'bounced-later',
        'expired',
        'bounced',
        'deferred',
        'bounced',
        'delay-notice',
      ]);
      expect(read({})[4]).toEqual({
        id: 'attempt:1',
        atMs: startMs + 1_000,
        kind: 'bounced',
        messageId: ids[0],
        campaign: 'c-1',
        senderDomain: 'sender.example',
        state: 'bounced',
        address: 'user0@d0.example',
        domain: 'd0.example',
        provider: 'small',
        verdict: 'userunknown',
        detail: null,
        rule: null,
        confidence: 1,
        hardBounce: false,
        replyCode: 550,
        status: '5.1.1',
        said: '5.1.1 No such user here',
        cause: null,
        stage: 'rcpt',
        host: 'mx1.d0.example',
        trusted: true,
      });
      expect(read({})[0]).toMatchObject({
        id: 'returned:1',
        state: 'bounced',
        host: 'mx2.d0.example',
        hardBounce: true,
        said: '550 5.1.1 <user0@d0.example>: no such user',
      });
    });

    test('by each question, and by several at once', () => {
      const { kinds, read, first, second } = history(makeStore);
      expect(kinds({ address: 'USER0@d0.example' })).toEqual(['bounced']);
      expect(kinds({ address: 'nobody@d0.example' })).toEqual([]);
      expect(kinds({ domain: 'D1.example' })).toEqual(['bounced-later', 'deferred']);
      expect(kinds({ domain: 'unknown.example' })).toEqual([]);
      expect(kinds({ verdict: 'userunknown' })).toEqual([
        'bounced-later',
        'bounced',
        'bounced',
        'delay-notice',
      ]);
      expect(kinds({ campaignId: first.id })).toEqual(['bounced', 'deferred', 'bounced']);
      expect(kinds({ campaignId: second.id, verdict: 'expired' })).toEqual(['expired']);
      expect(kinds({ campaignId: 4_711 })).toEqual([]);
      expect(kinds({ provider: 'big' })).toEqual(['bounced']);
      expect(read({ provider: 'small' }).map(({ address }) => address)).toEqual([
        'other0@d0.example',
        'user0@d0.example',
      ]);
      expect(kinds({ kinds: ['bounced', 'bounced-later'] })).toEqual(['bounced-later', 'bounced', 'bounced']);
      expect(kinds({ sinceMs: startMs + 1_001 })).toEqual(['bounced-later']);
      expect(kinds({ untilMs: startMs + 1_000 })).toEqual(['delay-notice']);
    });

    test('unproved news only when asked for, also what matches no message', () => {
      const { read } = history(makeStore);
      const doubtful = read({ unproved: true }).filter(({ trusted }) => !trusted);
      expect(doubtful.map(({ address, domain, state }) => [address, domain, state])).toEqual([
        ['who@d0.example', 'd0.example', null],
        ['other2@d2.example', 'd2.example', 'delivered'],
      ]);
      expect(read({ unproved: true, address: 'who@d0.example' })).toHaveLength(1);
      expect(read({ unproved: true, domain: 'd0.example' })).toHaveLength(3);
    });

    test('pages meet without a gap or a repetition, also within one moment', () => {
      const { store, read } = history(makeStore);
      const found: Failure[] = [];
      for (let cursor: string | null = null, more = true; more;) {
        const page = store.failures.page({ ...everything, unproved: true }, { cursor, limit: 1, providerOf });
        found.push(...page.items);
        cursor = page.next;
        more = cursor !== null;
      }
      expect(found).toEqual(read({ unproved: true }));
      for (const cursor of ['', 'x', 'bnVsbA', 'WyJhIl0'])
        expect(() => store.failures.page(everything, { cursor, limit: 1, providerOf })).toThrow('cursor');
    });

    test('counts by kind, verdict, domain, provider and day, from the same rows', () => {
      const { store, read } = history(makeStore);
      const counts = store.failures.counts(everything, providerOf);
      expect(counts.total).toBe(6);
      expect(counts.byKind[0]).toEqual({ name: 'bounced', count: 2 });
      expect(counts.byVerdict).toEqual([
        { name: 'userunknown', count: 4 },
        { name: 'expired', count: 1 },
        { name: 'speeding', count: 1 },
      ]);
      expect(counts.byDomain).toEqual([
        { name: 'd0.example', count: 2 },
        { name: 'd1.example', count: 2 },
        { name: 'd2.example', count: 2 },
      ]);
      expect(counts.byProvider).toEqual([
        { name: 'small', count: 2 },
        { name: 'big', count: 1 },
      ]);
      expect(counts.byDay.map(({ count, bounced, deferred: off }) => [count, bounced, off])).toEqual([
        [5, 2, 1],
        [1, 0, 0],
      ]);
      for (const filter of [
        { address: 'user0@d0.example' },
        { domain: 'd1.example' },
        { provider: 'big' },
        { verdict: 'expired' },
        { campaignId: 2 },
        { kinds: ['deferred' as const] },
        { sinceMs: startMs + 1_001, unproved: true },
      ]) {
        const some = store.failures.counts({ ...everything, ...filter }, providerOf);
        expect(some.total).toBe(read(filter).length);
        expect(some.byDay.reduce((sum, { count }) => sum + count, 0)).toBe(some.total);
      }
    });
  });
}
