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

type Group = {
  readonly site: Site;
  readonly domain: string;
  readonly flow: Flow;
  readonly source?: number;
  readonly ids: number[];
};
/** By flow, then by domain and site. */
type Groups = Map<Flow, Map<string, Group>>;
type SiteState = { readonly owner: number; readonly shape: SiteShape; waiting: number; split: boolean };

/**
 * Which carrier gets which message. A site has one owner, so that its limits have one; a site with a long queue is served
 * by all carriers, each with its share of the sessions.
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
    if (!state.split && state.waiting > splitAbove) state.split = this.#canSplit(state.shape);
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

  /** A message of the domain has its final state. */
  done(domain: string): void {
    const state = this.#siteOfDomain.get(domain);
    if (state !== undefined) state.waiting--;
  }

  /** So many messages of a site are not with a carrier any more, and not settled either. */
  returned(siteName: string, count: number): void {
    const state = this.#sites.get(siteName);
    if (state !== undefined) state.waiting -= count;
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
    const state = { owner: this.#next++ % carriers.length, shape, waiting: 0, split: false };
    this.#sites.set(site.name, state);
    return state;
  }

  /** Splitting needs a session for each. */
  #canSplit({ connections, isPaced }: SiteShape): boolean {
    const { carriers } = this.#options;
    return !isPaced && carriers.length > 1 && connections >= carriers.length;
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

/** What is transactional is handed over first. */
function rankOf({ stream }: Flow): number {
  return stream === 'transactional' ? 0 : 1;
}
