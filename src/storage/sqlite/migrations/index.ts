import { firstCampaign } from './0001-first-campaign.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** All of them, in order. */
export const migrations: readonly Migration[] = [firstCampaign];
