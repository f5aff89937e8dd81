import type { Campaign } from './index.ts';

/** A campaign that was handed in and has no recipients yet: nothing of it counts as accepted. */
export type CampaignDraft = {
  readonly campaign: Omit<Campaign, 'id' | 'state'>;
  /** The key that made it. */
  readonly owner: string;
};

/** Synchronous, see DeliveryStore. */
export interface DraftStore {
  add(draft: CampaignDraft): void;
  find(name: string): CampaignDraft | null;
  /** Newest first. */
  list(): readonly CampaignDraft[];
  /** false: there was none. */
  remove(name: string): boolean;
}
