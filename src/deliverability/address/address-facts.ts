import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const file = z.strictObject({
  mistyped: z.record(z.string(), z.string()),
  real: z.array(z.string()),
  role: z.array(z.string()),
  disposable: z.array(z.string()),
  source: z.array(z.string()),
});

/** What is known of domains and mailbox names without asking anybody. All in lower case, domains in A-labels. */
export type AddressFacts = {
  /** What people write → what they mean. */
  readonly mistyped: ReadonlyMap<string, string>;
  /** Domains of providers: what people mean. */
  readonly known: ReadonlySet<string>;
  /** Look like a slip, and are somebody's. */
  readonly real: ReadonlySet<string>;
  readonly role: ReadonlySet<string>;
  readonly disposable: ReadonlySet<string>;
};

/** Reads `addresses.yaml`; `providerDomains`: those of knowledge/providers.yaml, wildcards among them. */
export function loadAddressFacts(folder: string, providerDomains: readonly string[]): AddressFacts {
  const facts = file.parse(parse(readFileSync(join(folder, 'addresses.yaml'), 'utf8')));
  return {
    mistyped: new Map(Object.entries(facts.mistyped)),
    known: new Set(providerDomains.filter((domain) => !domain.includes('*'))),
    real: new Set(facts.real),
    role: new Set(facts.role),
    disposable: new Set(facts.disposable),
  };
}
