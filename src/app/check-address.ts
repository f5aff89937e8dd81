import type { CheckAnswer } from '../cli/index.ts';
import { checkAddress, loadAddressFacts } from '../deliverability/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import { withCheckTools } from './check-tools.ts';
import type { CheckParts } from './check-tools.ts';

/** Each address by itself, all at once: the resolver merges and bounds the questions. */
export async function checkAddresses(parts: CheckParts, addresses: readonly string[]): Promise<CheckAnswer> {
  const domains = parts.knowledge.providers.flatMap((provider) => provider.domains);
  const facts = loadAddressFacts(defaultKnowledgeFolder(), domains);
  return await withCheckTools(parts, async (tools) => {
    const found = await Promise.all(addresses.map((address) => checkAddress(address, { ...tools, facts })));
    return { subject: addresses.join(', '), findings: found.flat() };
  });
}
