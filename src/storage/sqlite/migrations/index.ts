import { firstCampaign } from './0001-first-campaign.ts';
import { returnedMail } from './0002-returned-mail.ts';
import { reports } from './0003-reports.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** All of them, in order. */
export const migrations: readonly Migration[] = [firstCampaign, returnedMail, reports];
