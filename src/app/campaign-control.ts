import type { Clock } from '../base/index.ts';
import type { Reaction } from '../delivery/index.ts';
import type { CampaignControl } from '../http/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import type { StandingDelivery } from './standing-delivery.ts';

export type CampaignControlParts = {
  readonly store: Pick<Store, 'reactions'>;
  readonly clock: Clock;
  readonly delivery: Pick<StandingDelivery, 'hold' | 'lift' | 'opened'>;
};

// Longer than any message lives: a pause ends when somebody says so.
const pauseMs = 366 * 24 * 60 * 60 * 1000;

/** Pausing is a stop like those that replies make, so that it lasts over restarts, and `why` and `path list` show it. */
export function createCampaignControl({ store, clock, delivery }: CampaignControlParts): CampaignControl {
  const isHeld = (campaignId: number): boolean =>
    store.reactions.inForce(clock.now()).some(({ target }) => target.campaignId === campaignId);
  return {
    isHeld,
    hold(campaignId, by) {
      const reaction = pauseOf(campaignId, by, clock.now());
      delivery.hold(reaction);
      // No engine, or one that writes when it can: a campaign that is to wait must not open before this is on the disk.
      if (!isHeld(campaignId)) store.reactions.record([reaction], []);
    },
    release(campaignId, by) {
      delivery.lift({ site: null, source: null, campaignId });
      // What no engine knew of.
      const { target } = pauseOf(campaignId, by, 0);
      if (isHeld(campaignId)) store.reactions.lift([target], clock.now(), by);
    },
    opened: (campaignId) => delivery.opened([campaignId]),
  };
}

function pauseOf(campaignId: number, by: string, nowMs: number): Reaction {
  return {
    do: 'hold-campaign',
    rule: 'local:paused',
    atMs: nowMs,
    target: { scope: 'campaign', site: null, source: null, domain: null, campaignId },
    untilMs: nowMs + pauseMs,
    factor: null,
    provider: null,
    verdict: null,
    detail: by,
    messageId: null,
  };
}
