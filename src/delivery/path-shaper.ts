import type { Clock } from '../base/index.ts';
import type { SiteShape } from './deal.ts';
import type { EgressPath } from './egress-path.ts';
import { createShaping, strictest } from './limits.ts';
import type { EffectiveLimits, Shaping } from './limits.ts';
import type { PaceEvent, StoredPace } from './pace-ports.ts';
import { PathPace } from './path-pace.ts';
import type { PathHold } from './ports.ts';
import type { Site } from './site.ts';

/** A pace to be kept, and the decision that changed it; null: it was only used. */
export type PaceReport = {
  readonly stored: StoredPace;
  readonly event: PaceEvent | null;
  /** That messages wait for their turn at this pace: one for each domain. */
  readonly shown: readonly PathHold[];
};

/** A decision, before it is known whose. */
export type PaceDecision = Omit<PaceEvent, 'site' | 'source'>;

type Shaped = { readonly limits: EffectiveLimits; readonly provider: string | null };

export type PathShaperOptions = {
  readonly clock: Clock;
  readonly shaping: Shaping;
  /** Who runs a host, by the knowledge base: the provider's id. */
  readonly providerOf: (place: {
    readonly mxHost: string | null;
    readonly domain: string | null;
  }) => string | null;
  readonly poolOf: (source: string | null) => string | null;
  readonly timeScale: number;
  /** What was learnt before. */
  readonly learnt: readonly StoredPace[];
};

/** What a carrier is given for it. */
export type ShaperFacts = Omit<PathShaperOptions, 'clock'>;

/** The shaper of a carrier; without facts every path has the messages a session that the carrier was told. */
export function createShaper(carrier: {
  readonly clock: Clock;
  readonly messagesPerSession: number;
  readonly shaped?: ShaperFacts;
}): PathShaper {
  const { clock, messagesPerSession, shaped } = carrier;
  if (shaped !== undefined) return new PathShaper({ ...shaped, clock });
  const shaping = createShaping([], { connections: Infinity, messagesPerConnection: messagesPerSession });
  const nobody = (): null => null;
  return new PathShaper({ clock, shaping, providerOf: nobody, poolOf: nobody, timeScale: 1, learnt: [] });
}

// Paces of paths without work, in memory until the next campaign; more of them are in the store.
const mostRemembered = 10_000;

/** Gives each path the limits in force there and the pace it had. */
export class PathShaper {
  readonly #options: PathShaperOptions;
  readonly #remembered = new Map<string, StoredPace>();
  readonly #limits = new WeakMap<EgressPath, Shaped>();

  constructor(options: PathShaperOptions) {
    this.#options = options;
    for (const stored of options.learnt) this.#remember(stored);
  }

  /** Goes on with what was learnt on the path before. */
  recall(path: EgressPath): void {
    if (this.#remembered.size === 0) return;
    const stored = this.#remembered.get(keyOf(path.source.ip, path.site.name));
    if (stored === undefined) return;
    if (stored.connections !== null) path.count.restore(stored.connections);
    this.paceOf(path).restore(stored.pace);
  }

  /** Takes in the limits for one more domain of the path: of all its domains the strictest hold. */
  limit(path: EgressPath, domain: string): void {
    const facts = this.#factsOf(path, domain);
    const before = this.#limits.get(path);
    // A site may serve 50,000 domains, for most of which the same rules hold.
    if (before?.provider === facts.provider && !this.#options.shaping.namesDomain(domain)) return;
    const own = this.#options.shaping.limitsFor(facts);
    const limits = before === undefined ? own : strictest(before.limits, own);
    this.#limits.set(path, { limits, provider: facts.provider });
    path.messagesPerSession = limits.messagesPerConnection.value;
    path.count.bound(limits.connections.value);
    path.messageOctets = limits.messageOctets.value;
    path.tls = limits.tls.value;
    const isTimed = timedLimits.some((name) => limits[name].value !== null);
    if (path.pace !== null || isTimed) this.paceOf(path).limit(limits);
  }

  paceOf(path: EgressPath): PathPace {
    const { clock, timeScale } = this.#options;
    return (path.pace ??= new PathPace({ clock, timeScale }));
  }

  report(path: EgressPath, decision: PaceDecision | null): Omit<PaceReport, 'shown'> {
    const place = { site: path.site.name, source: path.source.ip };
    const stored: StoredPace = {
      ...place,
      pace: this.paceOf(path).snapshot(),
      connections: path.count.learnt,
    };
    this.#remember(stored);
    return { stored, event: decision === null ? null : { ...place, ...decision } };
  }

  #factsOf({ site, source }: EgressPath, domain: string): Parameters<Shaping['limitsFor']>[0] {
    const { poolOf } = this.#options;
    const provider = providerOfSite(site, domain, this.#options.providerOf);
    const mxHosts = site.hosts.map(({ host }) => host);
    return { site: site.name, mxHosts, domain, provider, source: source.ip, pool: poolOf(source.ip) };
  }

  #remember(stored: StoredPace): void {
    const key = keyOf(stored.source, stored.site);
    this.#remembered.delete(key);
    this.#remembered.set(key, stored);
    if (this.#remembered.size > mostRemembered) {
      const [oldest = ''] = this.#remembered.keys();
      this.#remembered.delete(oldest);
    }
  }
}

const timedLimits = [
  'connectionsPerMinute',
  'messagesPerSecond',
  'messagesPerMinute',
  'messagesPerHour',
  'messagesPerDay',
] as const;

/** The MX host tells who runs a site; the domain only where it led there (a configured route leads to a relay of our own). */
export function providerOfSite(
  site: Site,
  domain: string,
  providerOf: PathShaperOptions['providerOf'],
): string | null {
  for (const { host } of site.hosts) {
    const provider = providerOf({ mxHost: host, domain: null });
    if (provider !== null) return provider;
  }
  return site.configured === true ? null : providerOf({ mxHost: null, domain });
}

/** What the dispatcher has to know of a site: its limits over all sources, and whether one carrier has to keep them. */
export function siteShape(
  facts: ShaperFacts,
  sources: readonly (string | null)[],
): (site: Site, domain: string) => SiteShape {
  const learnt = new Set(
    facts.learnt.filter(({ pace }) => pace.learnt.rate !== null).map(({ site }) => site),
  );
  return (site, domain) => {
    const provider = providerOfSite(site, domain, facts.providerOf);
    const mxHosts = site.hosts.map(({ host }) => host);
    const ofSources = sources.map((source) =>
      facts.shaping.limitsFor({
        site: site.name,
        mxHosts,
        domain,
        provider,
        source,
        pool: facts.poolOf(source),
      }),
    );
    const counts = ofSources.map(({ connections }) => connections.value);
    const isTimed = ofSources.some((limits) => timedLimits.some((name) => limits[name].value !== null));
    // Shares are of one number: where sources differ, nothing is shared out.
    const isUneven = counts.some((count) => count !== counts[0]);
    return { connections: Math.max(1, ...counts), isPaced: isTimed || isUneven || learnt.has(site.name) };
  };
}

function keyOf(source: string | null, site: string): string {
  return `${source ?? ''}|${site}`;
}
