import { systemRandom } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { createFindings, loadFindingTexts } from '../findings/index.ts';
import type { FindingMaker } from '../findings/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import { createResolver } from '../net/dns/index.ts';
import type { ServiceResolver } from '../net/dns/index.ts';
import { dnsServers } from './delivery-engine.ts';

export type CheckParts = { readonly config: Config; readonly knowledge: Knowledge; readonly clock: Clock };

/** What every check needs of the outside; the resolver is closed when the check is over. */
export type CheckTools = {
  readonly finding: FindingMaker;
  readonly resolver: ServiceResolver;
  readonly clock: Clock;
  readonly random: () => number;
};

export async function withCheckTools<T>(
  parts: CheckParts,
  use: (tools: CheckTools) => Promise<T>,
): Promise<T> {
  const tools = openCheckTools(parts);
  try {
    return await use(tools);
  } finally {
    tools.resolver.close();
  }
}

/** For a service that checks again and again; whoever opens them closes the resolver. */
export function openCheckTools({ config, clock }: CheckParts): CheckTools {
  const { timeoutMs, attempts, trustAd } = config.dns;
  const resolver = createResolver({ servers: dnsServers(config), timeoutMs, attempts, trustAd, clock });
  const finding = createFindings(loadFindingTexts(defaultKnowledgeFolder()));
  return { finding, resolver, clock, random: systemRandom };
}
