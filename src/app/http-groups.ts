import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { campaignRoutes, domainRoutes, suppressionRoutes, templateRoutes } from '../http/index.ts';
import type { CampaignParts, RouteGroup, SenderDomain } from '../http/index.ts';
import type { LedgerRow } from '../campaigns/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { createCampaignControl } from './campaign-control.ts';
import type { CampaignControlParts } from './campaign-control.ts';
import { sendingDomain } from './sender.ts';
import type { ServeParts } from './serve-parts.ts';

export type StoreGroupParts = Pick<ServeParts, 'config' | 'store' | 'clock' | 'random'> & {
  readonly senderOf: (domain: string) => SenderDomain | null;
  readonly resolver: Pick<Resolver, 'txt' | 'mx'>;
  readonly delivery: CampaignControlParts['delivery'];
};

/** Endpoints over what the store keeps for applications: templates, domains, suppressions, campaigns. */
export function storeGroups(parts: StoreGroupParts): readonly RouteGroup[] {
  const { config, store, clock } = parts;
  // What a process that was killed had not read to its end; whoever sent it got no answer.
  rmSync(uploadFolder(store), { recursive: true, force: true });
  return [
    (api) => templateRoutes(api, { templates: store.templates, clock }),
    (api) =>
      domainRoutes(api, {
        domains: store.domains,
        inUse: () => config.domains,
        facts: { hostname: config.delivery.hostname, sources: config.sources.map(({ ip }) => ip) },
        resolver: parts.resolver,
        dataFolder: store.folder,
        isNeeded: (name) => isNeeded(parts, name),
        clock,
      }),
    (api) => suppressionRoutes(api, { suppressions: store.suppressions, clock }),
    (api) => campaignRoutes(api, campaignParts(parts)),
  ];
}

function uploadFolder({ folder }: Pick<Store, 'folder'>): string {
  return join(folder, 'uploads');
}

/** Whether something still waits that is to be signed for a domain. */
function isNeeded({ config, store }: StoreGroupParts, name: string): boolean {
  const waiting = store.mails.list({ domains: [name], state: 'waiting' }, { limit: 1, cursor: null });
  return (
    waiting.messages.length > 0 ||
    store.drafts.list().some(({ campaign }) => sendingDomain(config, campaign.domain)?.name === name) ||
    store.campaigns
      .withState('open')
      .some(
        ({ id, domain }) =>
          sendingDomain(config, domain)?.name === name && (store.reports.account(id)?.waiting ?? 0) > 0,
      )
  );
}

function campaignParts(parts: StoreGroupParts): CampaignParts {
  const { config, store, clock, random, senderOf } = parts;
  return {
    clock,
    random,
    senderOf,
    expiryMs: config.delivery.expiryMs,
    templates: store.templates,
    campaigns: store.campaigns,
    drafts: store.drafts,
    control: createCampaignControl(parts),
    progress: rememberedProgress(parts),
    uploads: { folder: uploadFolder(store), limitBytes: config.http.limits.uploadSizeBytes },
  };
}

// Counting a million messages takes 0.12 s, in which nothing else is done: at most a twentieth of the time goes into it.
const restFactor = 20;
const mostRemembered = 1_000;

function rememberedProgress({
  store,
  clock,
}: Pick<StoreGroupParts, 'store' | 'clock'>): (campaignId: number) => LedgerRow | null {
  const known = new Map<number, { readonly untilMs: number; readonly row: LedgerRow | null }>();
  return (campaignId) => {
    const startedMs = clock.monotonic();
    const before = known.get(campaignId);
    if (before !== undefined && startedMs < before.untilMs) return before.row;
    const row = store.reports.account(campaignId);
    const tookMs = clock.monotonic() - startedMs;
    if (known.size >= mostRemembered) known.clear();
    known.set(campaignId, { untilMs: startedMs + tookMs * restFactor, row });
    return row;
  };
}
