import type { Assignment, CarrierPort } from './carrier-port.ts';
import type { Site } from './site.ts';

export type DealOptions = {
  readonly carriers: readonly CarrierPort[];
  readonly sources: number;
  readonly mostSessions: number;
  /** Something waits to be dealt: plan a turn that flushes. */
  readonly plan: () => void;
};

// A site with more than this waiting is worth more than one core: about a second's work of one.
const splitAbove = 2_000;

type Group = { readonly site: Site; readonly domain: string; readonly ids: number[] };
type SiteState = { readonly owner: number; waiting: number; split: boolean };

/**
 * Which carrier gets which message. A site has one owner, so that its limits have one; a site with a long queue is served
 * by all carriers, each with its share of the sessions.
 */
export class Deal {
  readonly #options: DealOptions;
  readonly #sites = new Map<string, SiteState>();
  readonly #siteOfDomain = new Map<string, SiteState>();
  #groups: Map<string, Group>[] = [];
  #next = 0;

  constructor(options: DealOptions) {
    this.#options = options;
  }

  add(message: { readonly domain: string; readonly site: Site; readonly id: number }): void {
    const { domain, site, id } = message;
    const state = this.#stateOf(site);
    this.#siteOfDomain.set(domain, state);
    state.waiting++;
    if (!state.split && state.waiting > splitAbove) state.split = this.#canSplit();
    const carrier = state.split ? this.#carrierOf(id) : state.owner;
    const groups = (this.#groups[carrier] ??= new Map<string, Group>());
    const key = `${domain} ${site.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { site, domain, ids: [id] });
    else group.ids.push(id);
    this.#options.plan();
  }

  /** A message of the domain has its final state. */
  done(domain: string): void {
    const state = this.#siteOfDomain.get(domain);
    if (state !== undefined) state.waiting--;
  }

  /** Hands everything over, one batch a carrier. */
  flush(): void {
    for (const [carrier, groups] of this.#groups.entries()) {
      if (groups === undefined || groups.size === 0) continue;
      const batch: Assignment[] = [...groups.values()].map((group) => ({
        ...group,
        mostSessions: this.#shareOf(this.#stateOf(group.site), carrier),
      }));
      this.#options.carriers[carrier]?.assign(batch);
    }
    this.#groups = [];
  }

  #stateOf(site: Site): SiteState {
    const known = this.#sites.get(site.name);
    if (known !== undefined) return known;
    const state = { owner: this.#next++ % this.#options.carriers.length, waiting: 0, split: false };
    this.#sites.set(site.name, state);
    return state;
  }

  /** Splitting needs a session for each. */
  #canSplit(): boolean {
    const { carriers, mostSessions } = this.#options;
    return carriers.length > 1 && mostSessions >= carriers.length;
  }

  /** The same carrier for each try; sources and carriers are independent of one another. */
  #carrierOf(id: number): number {
    const { carriers, sources } = this.#options;
    return Math.floor(id / sources) % carriers.length;
  }

  #shareOf(state: SiteState, carrier: number): number {
    const { carriers, mostSessions } = this.#options;
    if (!state.split) return mostSessions;
    const rest = mostSessions % carriers.length;
    return Math.floor(mostSessions / carriers.length) + (carrier < rest ? 1 : 0);
  }
}
