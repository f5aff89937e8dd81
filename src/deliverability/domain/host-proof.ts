import { hostAddresses } from '../../net/dns/index.ts';
import type { TlsProof } from '../../net/smtp-client/index.ts';
import { isReservedAddress } from '../reserved-address.ts';
import type { DomainTools } from './domain-tools.ts';

/** Hosts whose certificate is not what is asked of it, each as a line; what could not be reached is left out, and no fault. */
export async function unprovenHosts(
  hosts: readonly { readonly host: string; readonly proof: TlsProof }[],
  tools: Pick<DomainTools, 'resolver' | 'reach'>,
): Promise<readonly string[]> {
  const lines = await Promise.all(
    hosts.map(async ({ host, proof }) => {
      const found = await hostAddresses(tools.resolver, host);
      const address =
        found.kind === 'found' ? found.addresses.find((each) => !isReservedAddress(each)) : undefined;
      if (address === undefined) return [];
      const { proven, text } = await tools.reach({ host, address }, proof);
      return proven === false ? [`${host} [${address}]: ${text}`] : [];
    }),
  );
  return lines.flat();
}
