import { describe, expect, test } from 'vitest';
import type { Campaign } from '../../src/campaigns/index.ts';
import { openCampaign } from '../support/memory-store.ts';
import type { ContractStore, MakeStore } from './contract-store.ts';
import { final, recipients, startMs, waitingIds } from './samples.ts';

type Parts = Pick<ContractStore, 'campaigns' | 'delivery'> & {
  readonly reports: Pick<ContractStore['reports'], 'ledger'>;
};

const facts: Omit<Campaign, 'id' | 'state'> = {
  name: 'c-spring',
  content: {
    from: '届く <news@sender.example>',
    replyTo: 'desk@sender.example',
    subject: 'こんにちは {{ 名前 }}',
    html: { name: 'a.html', source: '<p>{{ 名前 }}</p>' },
    text: null,
    defaults: { 名前: 'お客' },
  },
  domain: 'sender.example',
  createdMs: startMs,
  expiresMs: 432_000_000,
};

/** What every CampaignStore does. */
export function campaignStoreContract(makeStore: MakeStore<Parts>): void {
  describe('CampaignStore', () => {
    test('gives back a campaign as it was stored', () => {
      const { campaigns } = makeStore();
      const created = campaigns.create(facts);
      expect(created).toEqual({ ...facts, id: created.id, state: 'preparing' });
      expect(campaigns.byId(created.id)).toEqual(created);
      expect(campaigns.byName('c-spring')).toEqual(created);
      expect(campaigns.byName('c-autumn')).toBeNull();
      expect(campaigns.byId(created.id + 1)).toBeNull();
    });

    test('refuses a second campaign of the same name', () => {
      const { campaigns } = makeStore();
      campaigns.create(facts);
      expect(() => campaigns.create(facts)).toThrow('campaign c-spring exists');
      expect(campaigns.withState('preparing')).toHaveLength(1);
    });

    test('shows nothing of a campaign that is being prepared', () => {
      const { campaigns, delivery, reports } = makeStore();
      const { id } = campaigns.create(facts);
      expect(campaigns.addRecipients(id, recipients(5))).toEqual({ accepted: 5, suppressed: 0 });
      expect(campaigns.addRecipients(id, [])).toEqual({ accepted: 0, suppressed: 0 });
      expect(delivery.queuedPage(0, 10)).toEqual([]);
      expect(delivery.waitingCount()).toBe(0);
      expect(delivery.messageRows([1, 2, 3, 4, 5])).toEqual([]);
      expect(reports.ledger()).toMatchObject({ ok: true, campaigns: [], total: { accepted: 0, waiting: 0 } });
      campaigns.open(id);
      expect(delivery.queuedPage(0, 10)).toHaveLength(5);
      expect(delivery.waitingCount()).toBe(5);
      expect(reports.ledger().total).toMatchObject({ accepted: 5, waiting: 5 });
    });

    test('takes recipients only while preparing', () => {
      const { campaigns } = makeStore();
      const { id } = openCampaign({ campaigns }, recipients(1), facts);
      expect(() => campaigns.addRecipients(id, recipients(1))).toThrow('not preparing');
      expect(() => campaigns.open(id)).toThrow('not preparing');
      expect(() => campaigns.addRecipients(id + 1, recipients(1))).toThrow('not preparing');
    });

    test('discards one that never opened, and only that', () => {
      const { campaigns, delivery, reports } = makeStore();
      const kept = openCampaign({ campaigns }, recipients(3), { name: 'c-kept' });
      const { id } = campaigns.create(facts);
      campaigns.addRecipients(id, recipients(4, 'other'));
      campaigns.discard(id);
      expect(campaigns.byId(id)).toBeNull();
      expect(campaigns.withState('preparing')).toEqual([]);
      expect(waitingIds(delivery)).toHaveLength(3);
      expect(reports.ledger()).toMatchObject({ ok: true, total: { accepted: 3 } });
      expect(() => campaigns.discard(kept.id)).toThrow('not preparing');
      expect(waitingIds(delivery)).toHaveLength(3);
    });

    test('keeps the campaigns apart that come after a discarded one', () => {
      const { campaigns, delivery } = makeStore();
      const { id } = campaigns.create({ ...facts, name: 'c-gone' });
      const kept = campaigns.create({ ...facts, name: 'c-kept' });
      campaigns.addRecipients(id, recipients(3, 'gone'));
      campaigns.discard(id);
      const later = campaigns.create({ ...facts, name: 'c-later' });
      campaigns.addRecipients(kept.id, recipients(1, 'kept'));
      campaigns.addRecipients(later.id, recipients(2, 'later'));
      campaigns.open(kept.id);
      campaigns.open(later.id);
      expect(campaigns.withState('open').map(({ name }) => name)).toEqual(['c-kept', 'c-later']);
      const rows = delivery.messageRows(waitingIds(delivery));
      const addresses = (campaignId: number): readonly string[] =>
        rows.filter((row) => row.campaignId === campaignId).map((row) => row.address);
      expect(new Set(addresses(kept.id))).toEqual(new Set(['kept0@d0.example']));
      expect(new Set(addresses(later.id))).toEqual(new Set(['later0@d0.example', 'later1@d1.example']));
    });

    test('cancels what waits and keeps what is final', () => {
      const { campaigns, delivery, reports } = makeStore();
      const campaign = openCampaign({ campaigns }, recipients(5), facts);
      const other = openCampaign({ campaigns }, recipients(2, 'other'), { name: 'c-other' });
      const [first = 0] = waitingIds(delivery);
      delivery.commit([final(first, 'delivered')], [], []);
      expect(campaigns.cancel(campaign.id, startMs + 5_000)).toEqual({ cancelled: 4 });
      expect(campaigns.byId(campaign.id)?.state).toBe('cancelled');
      expect(delivery.waitingCount()).toBe(2);
      expect(reports.ledger()).toMatchObject({
        ok: true,
        campaigns: [
          { campaign: 'c-spring', accepted: 5, delivered: 1, cancelled: 4, waiting: 0 },
          { campaign: 'c-other', accepted: 2, cancelled: 0, waiting: 2 },
        ],
      });
      expect(() => campaigns.cancel(campaign.id, startMs)).toThrow('not open');
      expect(campaigns.byId(other.id)?.state).toBe('open');
    });

    test('finishes campaigns that have nothing waiting, once', () => {
      const { campaigns, delivery } = makeStore();
      const first = openCampaign({ campaigns }, recipients(2), facts);
      openCampaign({ campaigns }, recipients(1, 'other'), { name: 'c-other' });
      const [one = 0, two = 0] = waitingIds(delivery);
      delivery.commit([final(one, 'delivered')], [], []);
      expect(campaigns.finishDone()).toEqual([]);
      delivery.commit([final(two, 'bounced')], [], []);
      expect(campaigns.finishDone()).toEqual([{ ...first, state: 'finished' }]);
      expect(campaigns.finishDone()).toEqual([]);
      expect(campaigns.withState('finished')).toEqual([{ ...first, state: 'finished' }]);
      expect(campaigns.withState('open').map(({ name }) => name)).toEqual(['c-other']);
    });

    test('finishes a campaign without recipients', () => {
      const { campaigns } = makeStore();
      openCampaign({ campaigns }, [], facts);
      expect(campaigns.finishDone().map(({ name }) => name)).toEqual(['c-spring']);
    });
  });
}
