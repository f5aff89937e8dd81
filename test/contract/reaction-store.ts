import { describe, expect, test } from 'vitest';
import type {
  Observed,
  Reaction,
  ReactionStore,
  SuspensionTarget,
  WhyStore,
} from '../../src/delivery/index.ts';
import { openCampaign } from '../support/memory-store.ts';
import type { ContractStore, MakeStore } from './contract-store.ts';
import { attempt, deferred, final, recipients, startMs, waitingIds } from './samples.ts';

type Parts = Pick<ContractStore, 'campaigns' | 'delivery'> & {
  readonly reactions: ReactionStore;
  readonly why: Pick<WhyStore, 'campaignHold'>;
};

const nothing = { site: null, source: null, domain: null, campaignId: null };
const path: SuspensionTarget = {
  ...nothing,
  scope: 'source-at-site',
  site: 'mx.a.example:25',
  source: '192.0.2.9',
};

function stop(target: SuspensionTarget, untilMs: number, atMs = startMs): Reaction {
  return {
    do: target.scope === 'campaign' ? 'hold-campaign' : 'suspend',
    rule: 'ours',
    atMs,
    target,
    untilMs,
    factor: null,
    provider: 'gmail',
    verdict: 'blocked',
    detail: '550 blocked',
    messageId: 1,
  };
}

/** What every ReactionStore does. */
export function reactionStoreContract(makeStore: MakeStore<Parts>): void {
  describe('ReactionStore', () => {
    test('gives back what it was given, and what is in force', () => {
      const { reactions } = makeStore();
      const slow = {
        ...stop(path, 0),
        do: 'slow-down',
        factor: 0.5,
        untilMs: null,
        messageId: null,
      } as const;
      reactions.record([stop(path, startMs + 100), slow], []);
      const ended = { endedMs: null, endedBy: null };
      expect(reactions.since(startMs)).toEqual([
        { ...stop(path, startMs + 100), ...ended },
        { ...slow, ...ended },
      ]);
      expect(reactions.since(startMs + 1)).toEqual([]);
      expect(reactions.inForce(startMs + 99).map(({ target }) => target)).toEqual([path]);
      expect(reactions.inForce(startMs + 100)).toEqual([]);
    });

    test('lifts what is named, once, and keeps who did it', () => {
      const { reactions } = makeStore();
      const other = { ...path, source: null };
      reactions.record([stop(path, startMs + 100), stop(other, startMs + 100)], []);
      expect(reactions.lift([path], startMs + 10, 'operator')).toBe(1);
      expect(reactions.lift([path], startMs + 11, 'operator')).toBe(0);
      expect(reactions.inForce(startMs + 10).map(({ target }) => target)).toEqual([other]);
      expect(reactions.since(startMs)[0]).toMatchObject({ endedMs: startMs + 10, endedBy: 'operator' });
    });

    test('knows what holds a campaign', () => {
      const { campaigns, reactions, why } = makeStore();
      const { id } = openCampaign({ campaigns }, recipients(1), { name: 'c-1' });
      const target = { ...nothing, scope: 'campaign', campaignId: id } as const;
      expect(why.campaignHold('c-1', startMs)).toBeNull();
      reactions.record([stop(target, startMs + 100)], []);
      expect(why.campaignHold('c-1', startMs)).toMatchObject({
        because: 'campaign-held',
        untilMs: startMs + 100,
      });
      expect(why.campaignHold('c-2', startMs)).toBeNull();
      expect(why.campaignHold('c-1', startMs + 100)).toBeNull();
      reactions.lift([target], startMs, 'operator');
      expect(why.campaignHold('c-1', startMs)).toBeNull();
    });

    test('gives replies and failures of ways out back in the order of time, hosts of a domain as one site', () => {
      const { campaigns, delivery, reactions } = makeStore();
      openCampaign({ campaigns }, recipients(6));
      const ids = waitingIds(delivery);
      const at = (index: number, atMs: number, host: string) => {
        const settlement =
          index % 2 === 0 ? final(ids[index] ?? 0, 'delivered') : deferred(ids[index] ?? 0, startMs);
        const { outcome } = settlement.event;
        if (outcome === null) throw new Error('no outcome');
        return { ...settlement, event: { ...settlement.event, atMs, outcome: { ...outcome, host } } };
      };
      // d0, d1, d2, d0, d1, d2
      const hosts = [
        'mx2.big.example',
        'mx1.big.example',
        'mx.small.example',
        'mx1.big.example',
        'mx3.big.example',
        'mx.small.example',
      ];
      delivery.commit(
        hosts.map((host, index) => at(index, startMs + 10 * index, host)),
        [],
        [],
      );
      const { outcome, reading } = attempt(1, 'refused');
      if (outcome === null) throw new Error('no outcome');
      const failure: Observed = {
        atMs: startMs + 25,
        site: 'mx2.big.example:25',
        source: null,
        domain: 'd0.example',
        provider: 'gmail',
        message: null,
        outcome: { ...outcome, stage: 'banner', host: 'mx2.big.example' },
        reading,
      };
      reactions.record([], [failure]);
      const replies = [...reactions.replies(startMs)];
      expect(replies.map(({ atMs }) => atMs - startMs)).toEqual([0, 10, 20, 25, 30, 40, 50]);
      const big = 'mx1.big.example';
      const small = 'mx.small.example';
      expect(replies.map(({ site }) => site)).toEqual([big, big, small, big, big, big, small]);
      expect(replies[3]).toEqual({ ...failure, site: big });
      expect(replies[0]).toMatchObject({
        domain: 'd0.example',
        message: { id: ids[0] },
        outcome: { kind: 'delivered' },
      });
      expect([...reactions.replies(startMs + 30)]).toHaveLength(3);
    });
  });
}
