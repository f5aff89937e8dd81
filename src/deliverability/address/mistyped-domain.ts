import { getPublicSuffix, parse } from 'tldts';
import type { AddressFacts } from './address-facts.ts';
import { drawnForm, squeezedForm } from './domain-forms.ts';
import { slipCost } from './slip-cost.ts';

/** `sure`: nobody has the written name for anything else; else its DNS decides how loud to be. */
export type MeantDomain = { readonly domain: string; readonly sure: boolean };

// Only the suffixes of registries: what a company lets its customers register is no suffix of mail domains.
const registries = { allowPrivateDomains: false };

/** The domain (A-labels) that was probably meant; null: it is known, or resembles nothing. */
export function meantDomain(domain: string, facts: AddressFacts): MeantDomain | null {
  if (isKnown(domain, facts) || facts.real.has(domain)) return null;
  const told = facts.mistyped.get(domain);
  if (told !== undefined) return { domain: told, sure: true };
  const mended = withTopLevel(domain, facts);
  if (mended !== null)
    return {
      domain: isKnown(mended, facts) ? mended : (nearestTo(mended, facts)?.domain ?? mended),
      sure: true,
    };
  return nearestTo(domain, facts);
}

/** Of a provider, or below what a provider gives its customers. */
export function isKnown(domain: string, { known, parents }: AddressFacts): boolean {
  return known.has(domain) || isBelow(domain, parents);
}

export function isBelow(domain: string, parents: ReadonlySet<string>): boolean {
  for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1))
    if (parents.has(domain.slice(dot + 1))) return true;
  return false;
}

/** A top level that is none, mended: `shop.con` → `shop.com`, `docomo.nejp` → `docomo.ne.jp`. */
function withTopLevel(domain: string, { topLevels }: AddressFacts): string | null {
  const { publicSuffix, isIcann } = parse(domain, registries);
  if (isIcann === true || publicSuffix === null) return null;
  const meant = topLevels.get(publicSuffix);
  if (meant === undefined) return null;
  const rest = domain.slice(0, -publicSuffix.length);
  // `yahoo.co.lp`: what stands before it may be the rest of the suffix.
  return `${rest}${meant}`;
}

function nearestTo(domain: string, facts: AddressFacts): MeantDomain | null {
  const { domainWithoutSuffix, subdomain, publicSuffix } = parse(domain, registries);
  if (domainWithoutSuffix === null || publicSuffix === null) return null;
  const alone = subdomain === '' ? facts.only.get(domainWithoutSuffix) : undefined;
  if (alone !== undefined) return { domain: alone, sure: true };
  const drawn = facts.drawn.get(drawnForm(domain));
  if (drawn !== undefined) return { domain: drawn, sure: true };
  // The end twice: `gmail.com.com`.
  const once = domain.replace(/(\.[a-z]+)\1$/, '$1');
  if (once !== domain && isKnown(once, facts)) return { domain: once, sure: true };
  const squeezed = facts.squeezed.get(squeezedForm(domain));
  if (squeezed !== undefined) return { domain: squeezed, sure: false };
  return otherSuffix(domain, facts) ?? otherName(domain, publicSuffix, facts);
}

// A dot, a letter or a neighbouring key.
const suffixLimit = 1;

/** The name of a provider under what is no suffix of a registry: `docomo.me.jp`, `yahoo.co.jo`. */
function otherSuffix(domain: string, { targets }: AddressFacts): MeantDomain | null {
  for (const [suffix, names] of targets) {
    for (const name of names) {
      if (!domain.startsWith(`${name}.`)) continue;
      const rest = domain.slice(name.length + 1);
      if (rest === suffix || getPublicSuffix(rest, registries) === rest) continue;
      if (slipCost(rest, suffix, suffixLimit) <= suffixLimit)
        return { domain: `${name}.${suffix}`, sure: true };
    }
  }
  return null;
}

/** A slip in the name, the suffix being right: other suffixes are other countries' or somebody else's. */
function otherName(domain: string, suffix: string, { targets }: AddressFacts): MeantDomain | null {
  const written = domain.slice(0, -suffix.length - 1);
  let best: { readonly name: string; readonly cost: number } | null = null;
  for (const name of targets.get(suffix) ?? []) {
    const limit = mostCost(name);
    if (limit === 0) continue;
    const cost = slipCost(written, name, limit);
    if (cost <= limit && (best === null || cost < best.cost)) best = { name, cost };
  }
  return best === null ? null : { domain: `${best.name}.${suffix}`, sure: false };
}

/** How much may be wrong. Short names have real neighbours (`au`, `aol`; `love` beside `live`): nothing is guessed there. */
function mostCost(name: string): number {
  const letters = Math.max(...name.split('.').map((label) => label.length));
  if (letters <= 4) return 0;
  return letters === 5 ? 1 : 1.5;
}
