import { z } from 'zod';
import { compileFor } from './sender.ts';
import type { Campaign, NewRecipient } from '../campaigns/index.ts';
import type { ControlActions, ControlSession } from '../control/index.ts';
import type { StandingDelivery } from './standing-delivery.ts';
import type { StoreActionParts } from './store-actions.ts';

type Parts = StoreActionParts & {
  readonly delivery: Pick<StandingDelivery, 'opened' | 'follow'>;
  /** So many more messages of campaigns are to be sent. */
  readonly onAccepted: (count: number) => void;
};

type Draft = Omit<Campaign, 'id' | 'state'>;

const one = z.object({ id: z.int() });
const followed = z.object({ campaignIds: z.array(z.int()), waiting: z.int() });

/** Campaigns that other commands hand over: stored batch by batch, then opened; what is never opened leaves nothing. */
export function campaignActions(parts: Parts): ControlActions {
  const { store, config, delivery } = parts;
  /** By connection: campaigns in preparation, with the messages of them that are to be sent. */
  const drafts = new WeakMap<ControlSession, Map<number, number>>();
  const draftsOf = (session: ControlSession): Map<number, number> => {
    const known = drafts.get(session);
    if (known !== undefined) return known;
    const made = new Map<number, number>();
    drafts.set(session, made);
    session.atEnd(() => {
      for (const id of made.keys()) store.campaigns.discard(id);
    });
    return made;
  };
  return {
    'campaign create'(input, session) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- from the same version of Todoku (src/control/)
      const draft = input as Draft;
      // Template and key have to work here as well, with this configuration.
      compileFor(config, draft);
      const campaign = store.campaigns.create(draft);
      draftsOf(session).set(campaign.id, 0);
      return campaign;
    },
    'campaign addRecipients'(input, session) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
      const { id, batch } = input as { readonly id: number; readonly batch: readonly NewRecipient[] };
      const added = store.campaigns.addRecipients(id, batch);
      const mine = draftsOf(session);
      mine.set(id, (mine.get(id) ?? 0) + added.accepted - added.suppressed);
      return added;
    },
    'campaign open'(input, session) {
      const { id } = one.parse(input);
      store.campaigns.open(id);
      const mine = draftsOf(session);
      parts.onAccepted(mine.get(id) ?? 0);
      mine.delete(id);
      delivery.opened([id]);
    },
    'campaign discard'(input, session) {
      const { id } = one.parse(input);
      draftsOf(session).delete(id);
      store.campaigns.discard(id);
    },
    async follow(input, session) {
      const { campaignIds, waiting } = followed.parse(input);
      return await delivery.follow({
        campaignIds,
        waiting,
        signal: session.signal,
        show: (progress) => session.news(progress),
      });
    },
  };
}
