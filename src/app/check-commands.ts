import type { Clock } from '../base/index.ts';
import type { CheckCommands } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import { loadFaults } from '../deliverability/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { checkAddressList } from './check-address-list.ts';
import { checkAddresses } from './check-address.ts';
import { checkListings } from './check-blocklists.ts';
import { checkDomainOf } from './check-domain.ts';
import { lookAtMailbox } from './check-mailbox.ts';
import { checkMessageOf } from './check-message.ts';
import type { CheckParts } from './check-tools.ts';
import { diagnosisResults, newDiagnosisInbox } from './diagnosis.ts';
import { rotateKeys } from './domain-rotation.ts';
import { setUpDomain, verifyDomain } from './domain-setup.ts';
import type { DomainParts } from './domain-setup.ts';
import { listingHistory } from './listing-history.ts';
import { archiveMail, checkStores } from './mail-stores.ts';

export type CheckCommandParts = {
  readonly config: Config;
  readonly clock: Clock;
  /** Absolute folder of `--data`. */
  readonly dataDirectory: string;
  /** Reads the knowledge base, once. */
  readonly read: () => Knowledge;
  /** For reading; throws AppError when there is no data folder. */
  readonly openStore: (command: string) => Store;
  readonly openIfThere: () => Store | null;
};

/** What the doctor answers to the command line. */
export function checkCommands(parts: CheckCommandParts): CheckCommands {
  const { config, clock, dataDirectory, read } = parts;
  const checkParts = (): CheckParts => ({ config, knowledge: read(), clock });
  const domainParts = (): DomainParts => ({ ...checkParts(), dataDirectory });
  return {
    async checkDomain(
      ...[request, done]: Parameters<CheckCommands['checkDomain']>
    ): ReturnType<CheckCommands['checkDomain']> {
      return await checkDomainOf(checkParts(), request, done);
    },
    async checkAddresses(addresses: readonly string[]): ReturnType<CheckCommands['checkAddresses']> {
      return await checkAddresses(checkParts(), addresses);
    },
    async checkMessage(
      request: Parameters<CheckCommands['checkMessage']>[0],
    ): ReturnType<CheckCommands['checkMessage']> {
      return await checkMessageOf(checkParts(), request);
    },
    newDiagnosisInbox(): ReturnType<CheckCommands['newDiagnosisInbox']> {
      const { secret } = parts.openStore('check inbox');
      return newDiagnosisInbox(config, secret, clock);
    },
    diagnosisResult(id: string): ReturnType<CheckCommands['diagnosisResult']> {
      const { folder } = parts.openStore('check result');
      const result = diagnosisResults(folder, clock).read(id.toLowerCase());
      return result === null ? null : { subject: `check-${id}`, ...result };
    },
    faults(): ReturnType<CheckCommands['faults']> {
      return loadFaults(defaultKnowledgeFolder(), read().providers);
    },
    async checkAddressList(
      ...[request, watch]: Parameters<CheckCommands['checkAddressList']>
    ): ReturnType<CheckCommands['checkAddressList']> {
      return await checkAddressList(checkParts(), request, watch);
    },
    async checkListings(
      ...[subjects, onAnswer]: Parameters<CheckCommands['checkListings']>
    ): ReturnType<CheckCommands['checkListings']> {
      return await checkListings(checkParts(), subjects, onAnswer);
    },
    listingHistory(subject: string | null): ReturnType<CheckCommands['listingHistory']> {
      return listingHistory(parts.openIfThere()?.listings ?? null, subject);
    },
    async checkMailbox(
      ...[request, progress]: Parameters<CheckCommands['checkMailbox']>
    ): ReturnType<CheckCommands['checkMailbox']> {
      return await lookAtMailbox(checkParts(), request, progress);
    },
    async checkStores(
      ...asked: Parameters<CheckCommands['checkStores']>
    ): ReturnType<CheckCommands['checkStores']> {
      return await checkStores(clock, ...asked);
    },
    async archiveMail(
      ...asked: Parameters<CheckCommands['archiveMail']>
    ): ReturnType<CheckCommands['archiveMail']> {
      return await archiveMail({ config: config, clock: clock }, ...asked);
    },
    async setUpDomain(domain: string): ReturnType<CheckCommands['setUpDomain']> {
      return await setUpDomain(domainParts(), domain);
    },
    async verifyDomain(domain: string): ReturnType<CheckCommands['verifyDomain']> {
      return await verifyDomain(domainParts(), domain);
    },
    async rotateKeys(
      request: Parameters<CheckCommands['rotateKeys']>[0],
    ): ReturnType<CheckCommands['rotateKeys']> {
      return await rotateKeys(domainParts(), request);
    },
  };
}
