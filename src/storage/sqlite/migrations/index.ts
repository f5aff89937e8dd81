import { firstCampaign } from './0001-first-campaign.ts';
import { returnedMail } from './0002-returned-mail.ts';
import { reports } from './0003-reports.ts';
import { pace } from './0004-pace.ts';
import { reactions } from './0005-reactions.ts';
import { streams } from './0006-streams.ts';
import { tls } from './0007-tls.ts';
import { mail } from './0008-mail.ts';
import { accessKeys } from './0009-access-keys.ts';
import { webhooks } from './0010-webhooks.ts';
import { templatesAndDomains } from './0011-templates-and-domains.ts';
import { attachments } from './0012-attachments.ts';
import { notices } from './0013-notices.ts';
import { listings } from './0014-listings.ts';
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
  mail,
  accessKeys,
  webhooks,
  templatesAndDomains,
  attachments,
  notices,
  listings,
];
