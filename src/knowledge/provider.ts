import type { Bilingual } from '../base/index.ts';
import type { ProviderKind } from './vocabulary.ts';

/** A mailbox provider, carrier or filtering gateway. */
export type Provider = {
  readonly id: string;
  readonly name: Bilingual;
  readonly kind: ProviderKind;
  /** Mail domains; `*.example` stands for every subdomain. */
  readonly domains: readonly string[];
  /** Suffixes of its MX host names, at label borders. */
  readonly mx: readonly string[];
  /** Where nearly all of its users are; null: anywhere. */
  readonly timezone: string | null;
  /** It may take a mail with 250 and then show it to nobody: success proves nothing. */
  readonly acceptsThenDrops: Bilingual | null;
  /** How its users let a sender through. */
  readonly recipientSteps: { readonly ja: readonly string[]; readonly en: readonly string[] } | null;
  readonly source: readonly string[];
};

/** What is known of the place a reply came from. */
export type ProviderPlace = { readonly mxHost: string | null; readonly domain: string | null };

export type ProviderIndex = {
  /** The MX host decides first: it shows who runs the mail of a company's own domain. */
  providerOf(place: ProviderPlace): Provider | null;
};

/** Indexes providers; with equal names the earlier provider wins. */
export function indexProviders(providers: readonly Provider[]): ProviderIndex {
  const byMx = new Map<string, Provider>();
  const byDomain = new Map<string, Provider>();
  const byParent = new Map<string, Provider>();
  for (const provider of providers) {
    for (const suffix of provider.mx) if (!byMx.has(suffix)) byMx.set(suffix, provider);
    for (const domain of provider.domains) {
      const [map, key] = domain.startsWith('*.') ? [byParent, domain.slice(2)] : [byDomain, domain];
      if (!map.has(key)) map.set(key, provider);
    }
  }
  return {
    providerOf({ mxHost, domain }) {
      const found = mxHost === null ? null : longestSuffix(byMx, plainName(mxHost));
      if (found !== null || domain === null) return found;
      const name = plainName(domain);
      return byDomain.get(name) ?? longestSuffix(byParent, name);
    },
  };
}

function plainName(host: string): string {
  // RFC 1035 §2.3.4: a name has at most 255 octets; what is longer is no host name.
  const name = (host.length > 255 ? host.slice(-255) : host).toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function longestSuffix(map: ReadonlyMap<string, Provider>, name: string): Provider | null {
  let start = 0;
  while (start < name.length) {
    const found = map.get(start === 0 ? name : name.slice(start));
    if (found !== undefined) return found;
    const dot = name.indexOf('.', start);
    if (dot === -1) return null;
    start = dot + 1;
  }
  return null;
}
