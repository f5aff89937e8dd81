import type { Clock } from '../base/index.ts';
import type { ExplainedSite } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import { accountOf, createRouter, limitsNow, providerOfSite } from '../delivery/index.ts';
import type { PathAccount, Site, StoredPace } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import { createResolver } from '../net/dns/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { dnsServers, shaperFacts } from './delivery-engine.ts';
import { listSources } from './source-answer.ts';

export type PathParts = {
  /** null: there is no data folder yet, and nothing was ever sent. */
  readonly store: Pick<Store, 'paces' | 'paths' | 'sourceDays'> | null;
  readonly config: Config;
  readonly knowledge: Knowledge;
  readonly clock: Clock;
  readonly random: () => number;
};

// People read them; the store has more.
const mostChanges = 5;
const mostReplies = 8;
// Somebody waits for the answer, and without the DNS it is told what is known by name.
const dnsPatience = { timeoutMs: 2_000, attempts: 1 };

/** Every way out that something was learnt of or that is held, newest lesson first. */
export function listPaths({ store, clock }: PathParts): readonly PathAccount[] {
  if (store === null) return [];
  const holds = store.paths.holds();
  const stored = new Map(store.paces.paces().map((pace) => [keyOf(pace), pace] as const));
  const places = new Map([...stored.values(), ...holds].map((each) => [keyOf(each), each] as const));
  return [...places].map(([key, { site, source }]) => {
    const own = holds.filter((hold) => keyOf(hold) === key);
    const record = { stored: stored.get(key) ?? null, holds: own, events: [], replies: [] };
    return accountOf({ site, source }, record, clock.now());
  });
}

/** Everything about the ways to a site: asked for by domain, MX host, name of the site or provider. */
export async function explainPaths(
  parts: PathParts,
  question: { readonly site: string; readonly source: string | null },
): Promise<ExplainedSite> {
  const { store, config, knowledge, clock } = parts;
  const learnt = store?.paces.paces() ?? [];
  const found = await findSite(parts, question.site.toLowerCase(), learnt);
  const facts = shaperFacts({ config, knowledge, learnt });
  const provider = providerOfSite(found.site, found.domain, facts.providerOf);
  const hosts = found.site.hosts.map(({ host }) => host);
  const replies = store?.paths.repliesFrom(hosts, mostReplies) ?? [];
  const holds = store?.paths.holds() ?? [];
  const configured = config.sources.map(({ ip }) => ip);
  const sources = question.source !== null ? [question.source] : configured.length > 0 ? configured : [null];
  const standings = listSources(parts, provider);
  const paths = sources.map((source) => {
    const place = { site: found.site.name, source };
    const stored = learnt.find((each) => keyOf(each) === keyOf(place)) ?? null;
    const limits = facts.shaping.limitsFor({
      site: found.site.name,
      mxHosts: hosts,
      domain: found.domain,
      provider,
      source,
      pool: facts.poolOf(source),
    });
    const record = {
      stored,
      holds: holds.filter((hold) => keyOf(hold) === keyOf(place)),
      events: store?.paces.eventsOf(found.site.name, mostChanges, source) ?? [],
      replies: replies.filter((reply) => reply.source === source),
    };
    const providers = standings.find(({ ip }) => ip === source)?.warmup?.providers ?? [];
    const standing = providers.find((each) => each.provider === provider) ?? null;
    const account = accountOf(place, record, clock.now());
    return {
      ...account,
      limits: limitsNow(limits, stored),
      warmup: standing?.most === null ? null : standing,
    };
  });
  return { asked: question.site, site: found.site.name, mxHosts: hosts, provider, route: found.route, paths };
}

type Found = { readonly site: Site; readonly domain: string; readonly route: ExplainedSite['route'] };

/** The name of a site as it is on record; else where mail for that name would go now. */
async function findSite(parts: PathParts, asked: string, learnt: readonly StoredPace[]): Promise<Found> {
  const holds = parts.store?.paths.holds() ?? [];
  const names = [...learnt, ...holds].map(({ site }) => site);
  const known =
    names.find((name) => name === asked) ??
    names.find((name) => hostsIn(name).includes(asked)) ??
    holds.find(({ domain }) => domain === asked)?.site;
  if (known !== undefined) return { site: siteNamed(known), domain: asked, route: 'recorded' };
  const provider = parts.knowledge.providers.find(({ id }) => id === asked);
  const domain = provider?.domains.find((each) => !each.startsWith('*')) ?? asked;
  const routed = await route(parts, domain);
  if (routed !== null)
    return { site: routed, domain, route: routed.configured === true ? 'configured' : 'dns' };
  return {
    site: { name: domain, hosts: [{ host: domain, port: parts.config.delivery.port, preference: 0 }] },
    domain,
    route: 'unknown',
  };
}

async function route({ config, clock, random }: PathParts, domain: string): Promise<Site | null> {
  // The simulated internet exists while something is sent, and its names mean nothing in the real one.
  if (config.simulator.seed !== null) return null;
  const resolver = createResolver({ ...dnsPatience, servers: dnsServers(config), clock });
  try {
    const { routes, port } = config.delivery;
    const found = await createRouter({ resolver, clock, random, routes, port })(domain);
    return found.kind === 'site' ? found.site : null;
  } finally {
    resolver.close();
  }
}

/** A site by its name alone: `mx1:25,mx2:25>mx3:25`, with what else is in it behind a `;`. */
function siteNamed(name: string): Site {
  const hosts = hostsIn(name).map((host, preference) => ({ host, port: 25, preference }));
  return { name, hosts };
}

function hostsIn(name: string): readonly string[] {
  const [hosts = ''] = name.split(';');
  return hosts.split(/[,>]/).map((part) => part.replace(/(?:\+\d+#.*)?$/, '').replace(/:\d+$/, ''));
}

function keyOf({ site, source }: { readonly site: string; readonly source: string | null }): string {
  return `${source ?? ''}|${site}`;
}
