import type { CheckDesk } from '../http/index.ts';
import { checkAddresses } from './check-address.ts';
import { checkListings } from './check-blocklists.ts';
import { checkDomainOf } from './check-domain.ts';
import { checkMessageOf } from './check-message.ts';
import type { CheckParts } from './check-tools.ts';

/** The checks as the HTTP API asks for them: the same as on the command line, without progress and without files. */
export function createCheckDesk(parts: CheckParts): CheckDesk {
  const nobodyWatches = (): void => undefined;
  return {
    domain: async (question) => await checkDomainOf(parts, question, nobodyWatches),
    addresses: async (addresses) => await checkAddresses(parts, addresses),
    blocklists: async (subjects) => await checkListings(parts, subjects, nobodyWatches),
    message: async (bytes, bulk) =>
      // Links of a mail are not opened for applications: a key must not make us ask anything of anybody.
      await checkMessageOf(parts, { mail: { kind: 'bytes', name: '', bytes }, bulk, links: false }),
  };
}
