import { coversPath, targetKey } from './reaction.ts';
import type { Suspension, SuspensionTarget } from './reaction.ts';

/** A message as far as a suspension may concern it. */
export type Concerned = {
  readonly campaignId: number;
  readonly domain: string;
  readonly site: string | null;
};

/** The suspensions in force, as one side of the engine knows them. Few at any time; none is the common case. */
export class Suspensions {
  readonly #byKey = new Map<string, Suspension>();
  /** Those that concern single messages of a path: of a campaign, of a domain. */
  readonly #campaigns = new Map<number, Suspension>();
  readonly #domains = new Map<string, Suspension>();

  get any(): boolean {
    return this.#byKey.size > 0;
  }

  /** true when some messages of a path may have to stay while others go. */
  get parts(): boolean {
    return this.#campaigns.size + this.#domains.size > 0;
  }

  /** Takes one over; returns false when one that ends no sooner is in force for the same target. */
  add(suspension: Suspension): boolean {
    const key = targetKey(suspension.target);
    const known = this.#byKey.get(key);
    if (known !== undefined && known.untilMs >= suspension.untilMs) return false;
    this.#byKey.set(key, suspension);
    const { scope, campaignId, domain } = suspension.target;
    if (scope === 'campaign' && campaignId !== null) this.#campaigns.set(campaignId, suspension);
    if (scope === 'domain-at-site' && domain !== null) this.#domains.set(domain, suspension);
    return true;
  }

  /** Returns what was in force. */
  remove(target: SuspensionTarget): Suspension | null {
    const key = targetKey(target);
    const known = this.#byKey.get(key);
    if (known === undefined) return null;
    this.#byKey.delete(key);
    if (target.campaignId !== null) this.#campaigns.delete(target.campaignId);
    if (target.domain !== null) this.#domains.delete(target.domain);
    return known;
  }

  all(): readonly Suspension[] {
    return [...this.#byKey.values()];
  }

  /** The one that keeps a way out closed for the longest; null: none does. */
  ofPath(path: { readonly site: string; readonly source: string | null }, nowMs: number): Suspension | null {
    let longest: Suspension | null = null;
    for (const each of this.#byKey.values()) {
      if (each.untilMs <= nowMs || !coversPath(each.target, path)) continue;
      if (longest === null || each.untilMs > longest.untilMs) longest = each;
    }
    return longest;
  }

  /** The one that keeps a message although its way out is open; null: none does. `site` null: not known yet. */
  ofMessage({ campaignId, domain, site }: Concerned, nowMs: number): Suspension | null {
    const campaign = this.#campaigns.get(campaignId);
    if (campaign !== undefined && campaign.untilMs > nowMs) return campaign;
    const part = this.#domains.get(domain);
    if (part === undefined || part.untilMs <= nowMs) return null;
    return site === null || part.target.site === site ? part : null;
  }
}
