import { firstCampaign } from './0001-first-campaign.ts';
import { returnedMail } from './0002-returned-mail.ts';
import { reports } from './0003-reports.ts';
import { pace } from './0004-pace.ts';
import { reactions } from './0005-reactions.ts';
import { streams } from './0006-streams.ts';
import { tls } from './0007-tls.ts';
import { listings } from './0008-listings.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** All of them, in order. */
export const migrations: readonly Migration[] = [
  firstCampaign,
  returnedMail,
  reports,
  pace,
  reactions,
  streams,
  tls,
  listings,
];
