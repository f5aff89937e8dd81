import type { Assignment, CarrierPort } from './carrier-port.ts';
import type { Flow } from './flow.ts';
import type { Waiter } from './later.ts';
import type { Site } from './site.ts';

export type DealOptions = {
  readonly carriers: readonly CarrierPort[];
  readonly sources: number;
  readonly mostSessions: number;
  /** What limits say of a site, in place of `mostSessions`; left out: nothing. */
  readonly shapeOf?: (site: Site, domain: string) => SiteShape;
  /** Something waits to be dealt: plan a turn that flushes. */
  readonly plan: () => void;
};

/** `isPaced`: limited in time, so that one carrier has to keep the whole of it. */
export type SiteShape = { readonly connections: number; readonly isPaced: boolean };

// A site with more than this waiting is worth more than one core: about a second's work of one.
const splitAbove = 2_000;
// So many tries without a word about speed, over one carrier, and others may join: limits of a second and most of a minute
// would have shown. A third of a second at full speed.
const provenAfter = 1_000;

type Group = {
  readonly site: Site;
  readonly domain: string;
  readonly flow: Flow;
  readonly source?: number;
  readonly ids: number[];
};
/** By flow, then by domain and site. */
type Groups = Map<Flow, Map<string, Group>>;
type SiteState = {
  readonly name: string;
  owner: number;
  readonly shape: SiteShape;
  waiting: number;
  split: boolean;
  /** Handed to the owner, and tried, while the site was not known yet. */
  dealt: number;
  tried: number;
  /** It spoke of speed or connections. */
  limited: boolean;
};

/**
 * Which carrier gets which message. A site has one owner, so that its limits have one; a site with a long queue that has
 * shown none is served by all carriers, each with its share of the sessions, until it does.
 */
export class Deal {
  readonly #options: DealOptions;
  readonly #sites = new Map<string, SiteState>();
  readonly #siteOfDomain = new Map<string, SiteState>();
  #groups: Groups[] = [];
  #next = 0;

  constructor(options: DealOptions) {
    this.#options = options;
  }

  /** `source`: its place in the configuration, where that was chosen. */
  add({ id, domain, flow }: Waiter, site: Site, source?: number): void {
    const state = this.#stateOf(site, domain);
    this.#siteOfDomain.set(domain, state);
    state.waiting++;
    if (!isProven(state)) state.dealt++;
    if (!state.split && state.waiting > splitAbove) state.split = isProven(state) && this.#canSplit(state);
    const carrier = state.split ? this.#carrierOf(id) : state.owner;
    const flows = (this.#groups[carrier] ??= new Map());
    let groups = flows.get(flow);
    if (groups === undefined) flows.set(flow, (groups = new Map<string, Group>()));
    const key = source === undefined ? `${domain} ${site.name}` : `${source} ${domain} ${site.name}`;
    const group = groups.get(key);
    if (group === undefined)
      groups.set(key, { site, domain, flow, ids: [id], ...(source === undefined ? {} : { source }) });
    else group.ids.push(id);
    this.#options.plan();
  }

  /** true for a message that has to wait until its site is known better: its carrier has enough to find out. */
  isTooMuch({ domain, flow }: Waiter, site: Site): boolean {
    const state = this.#stateOf(site, domain);
    const isOpen = isProven(state) || state.dealt < splitAbove || !this.#canSplit(state);
    return !isOpen && flow.stream !== 'transactional';
  }

  /** A message of the domain was tried; returns its site's name when that has become known by it. */
  tried(domain: string): string | null {
    const state = this.#siteOfDomain.get(domain);
    if (state === undefined || isProven(state)) return null;
    state.tried++;
    return isProven(state) ? state.name : null;
  }

  /** A site spoke of speed or connections to a carrier: that one keeps it from now on. Returns the others that have part in it. */
  limit(siteName: string, carrier: number): readonly number[] {
    const state = this.#sites.get(siteName);
    if (state === undefined || state.limited) return [];
    state.limited = true;
    if (!state.split) return [];
    state.split = false;
    state.owner = carrier;
    return this.#options.carriers.flatMap((_, index) => (index === carrier ? [] : [index]));
  }

  /** Somebody settled messages that were dealt, nobody knows of which sites: each may have so many more. */
  lost(count: number): void {
    for (const state of this.#sites.values()) state.dealt = Math.max(0, state.dealt - count);
  }

  /** A message of the domain has its final state. */
  done(domain: string): void {
    const state = this.#siteOfDomain.get(domain);
    if (state !== undefined) state.waiting--;
  }

  /** So many messages of a site are not with a carrier any more, and not settled either. */
  returned(siteName: string, count: number): void {
    const state = this.#sites.get(siteName);
    if (state === undefined) return;
    state.waiting -= count;
    state.dealt = Math.max(0, state.dealt - count);
  }

  /** Hands everything over, one batch a carrier. */
  flush(): void {
    for (const [carrier, flows] of this.#groups.entries()) {
      if (flows === undefined || flows.size === 0) continue;
      const groups = [...flows]
        .toSorted(([a], [b]) => rankOf(a) - rankOf(b))
        .flatMap(([, own]) => [...own.values()]);
      const batch: Assignment[] = groups.map((group) => ({
        ...group,
        mostSessions: this.#shareOf(this.#stateOf(group.site, group.domain), carrier),
      }));
      this.#options.carriers[carrier]?.assign(batch);
    }
    this.#groups = [];
  }

  #stateOf(site: Site, domain: string): SiteState {
    const known = this.#sites.get(site.name);
    if (known !== undefined) return known;
    const { carriers, mostSessions, shapeOf } = this.#options;
    const shape = shapeOf?.(site, domain) ?? { connections: mostSessions, isPaced: false };
    const state = {
      name: site.name,
      owner: this.#next++ % carriers.length,
      shape,
      waiting: 0,
      split: false,
      dealt: 0,
      tried: 0,
      limited: false,
    };
    this.#sites.set(site.name, state);
    return state;
  }

  /** Splitting needs a session for each. */
  #canSplit({ shape, limited }: SiteState): boolean {
    const { carriers } = this.#options;
    const { connections, isPaced } = shape;
    return !limited && !isPaced && carriers.length > 1 && connections >= carriers.length;
  }

  /** The same carrier for each try; sources and carriers are independent of one another. */
  #carrierOf(id: number): number {
    const { carriers, sources } = this.#options;
    return Math.floor(id / sources) % carriers.length;
  }

  #shareOf({ shape, split }: SiteState, carrier: number): number {
    const { carriers } = this.#options;
    const { connections } = shape;
    if (!split) return connections;
    const rest = connections % carriers.length;
    return Math.floor(connections / carriers.length) + (carrier < rest ? 1 : 0);
  }
}

function isProven({ tried, limited }: SiteState): boolean {
  return limited || tried >= provenAfter;
}

/** What is transactional is handed over first. */
function rankOf({ stream }: Flow): number {
  return stream === 'transactional' ? 0 : 1;
}
