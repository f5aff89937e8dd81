import { join } from 'node:path';
import { campaignRoutes, domainRoutes, suppressionRoutes, templateRoutes } from '../http/index.ts';
import type { CampaignParts, RouteGroup, SenderDomain } from '../http/index.ts';
import type { LedgerRow } from '../campaigns/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import { createCampaignControl } from './campaign-control.ts';
import type { CampaignControlParts } from './campaign-control.ts';
import type { ServeParts } from './serve-parts.ts';

export type StoreGroupParts = Pick<ServeParts, 'config' | 'store' | 'clock' | 'random'> & {
  readonly senderOf: (domain: string) => SenderDomain | null;
  readonly resolver: Pick<Resolver, 'txt' | 'mx'>;
  readonly delivery: CampaignControlParts['delivery'];
};

/** Endpoints over what the store keeps for applications: templates, domains, suppressions, campaigns. */
export function storeGroups(parts: StoreGroupParts): readonly RouteGroup[] {
  const { config, store, clock } = parts;
  return [
    (api) => templateRoutes(api, { templates: store.templates, clock }),
    (api) =>
      domainRoutes(api, {
        domains: store.domains,
        inUse: () => config.domains,
        facts: { hostname: config.delivery.hostname, sources: config.sources.map(({ ip }) => ip) },
        resolver: parts.resolver,
        dataFolder: store.folder,
        clock,
      }),
    (api) => suppressionRoutes(api, { suppressions: store.suppressions, clock }),
    (api) => campaignRoutes(api, campaignParts(parts)),
  ];
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
    uploads: { folder: join(store.folder, 'uploads'), limitBytes: config.http.limits.uploadSizeBytes },
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
