import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseDomain } from 'tldts';
import { parse } from 'yaml';
import { z } from 'zod';
import { drawnForm, squeezedForm } from './domain-forms.ts';

const domain = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);

const file = z.strictObject({
  mistyped: z.record(domain, domain),
  topLevels: z.record(z.string(), z.string()),
  only: z.record(z.string(), domain),
  known: z.array(z.union([domain, z.string().startsWith('*.')])),
  vague: z.array(domain),
  real: z.array(domain),
  role: z.array(z.string()),
  disposable: z.array(domain),
  disposableHosts: z.array(domain),
  parkedHosts: z.array(domain),
  source: z.array(z.string()),
});

/** What is known of domains and mailbox names without asking anybody. All in lower case, domains in A-labels. */
export type AddressFacts = {
  /** What people write → what they mean. */
  readonly mistyped: ReadonlyMap<string, string>;
  /** Ends that are no top level → what they mean: `con` → `com`. */
  readonly topLevels: ReadonlyMap<string, string>;
  /** Names that one provider alone has → its domain. */
  readonly only: ReadonlyMap<string, string>;
  /** Domains of providers. */
  readonly known: ReadonlySet<string>;
  /** Domains below which providers give their customers names of their own. */
  readonly parents: ReadonlySet<string>;
  /** What people mean, by suffix (`co.jp`): the names before it. */
  readonly targets: ReadonlyMap<string, readonly string[]>;
  /** By what they look like, and by their letters alone. */
  readonly drawn: ReadonlyMap<string, string>;
  readonly squeezed: ReadonlyMap<string, string>;
  /** Look like a slip, and are somebody's. */
  readonly real: ReadonlySet<string>;
  readonly role: ReadonlySet<string>;
  readonly disposable: ReadonlySet<string>;
  /** Mail servers of throw-away services and of those who park domains; all below them too. */
  readonly disposableHosts: ReadonlySet<string>;
  readonly parkedHosts: ReadonlySet<string>;
};

/** Reads `addresses.yaml`; `providerDomains`: those of knowledge/providers.yaml, wildcards among them. */
export function loadAddressFacts(folder: string, providerDomains: readonly string[]): AddressFacts {
  const facts = file.parse(parse(readFileSync(join(folder, 'addresses.yaml'), 'utf8')));
  const all = [...providerDomains, ...facts.known];
  const known = new Set(all.filter((each) => !each.startsWith('*.')));
  const vague = new Set(facts.vague);
  const meant = [...known].filter((each) => !vague.has(each));
  return {
    mistyped: new Map(Object.entries(facts.mistyped)),
    topLevels: new Map(Object.entries(facts.topLevels)),
    only: new Map(Object.entries(facts.only)),
    known,
    parents: new Set(all.filter((each) => each.startsWith('*.')).map((each) => each.slice(2))),
    targets: bySuffix(meant),
    drawn: new Map(meant.map((each) => [drawnForm(each), each])),
    squeezed: new Map(meant.map((each) => [squeezedForm(each), each])),
    real: new Set(facts.real),
    role: new Set(facts.role),
    disposable: new Set(facts.disposable),
    disposableHosts: new Set(facts.disposableHosts),
    parkedHosts: new Set(facts.parkedHosts),
  };
}

function bySuffix(domains: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const each of domains) {
    const suffix = parseDomain(each, { allowPrivateDomains: false }).publicSuffix ?? '';
    const names = found.get(suffix) ?? [];
    names.push(each.slice(0, -suffix.length - 1));
    found.set(suffix, names);
  }
  return found;
}
